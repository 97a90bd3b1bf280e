"""``sales-insights <verb>``: the verbs that Airflow runs, by hand; ``sales-insights run`` runs the whole day."""
