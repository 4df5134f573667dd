"""What other programs ask of the dashboard: figures as JSON and CSV, colours and queues as metrics."""
