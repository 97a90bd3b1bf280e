"""``sales-insights <verb>``: the verbs that Airflow runs, by hand; and ``sales-insights run``, the whole day at once."""
