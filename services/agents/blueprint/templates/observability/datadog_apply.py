"""Creates the SLOs, then the monitors over their ids, then the dashboard: python observability/datadog/apply.py

DD_API_KEY, DD_APP_KEY and DD_SITE come from the environment. Made by the blueprint engine; no model was called.
"""

import http.client
import json
import os
from pathlib import Path

HERE = Path(__file__).parent


def send(path, body):
    headers = {
        "Content-Type": "application/json",
        "DD-API-KEY": os.environ["DD_API_KEY"],
        "DD-APPLICATION-KEY": os.environ["DD_APP_KEY"],
    }
    connection = http.client.HTTPSConnection(f"api.{os.environ.get('DD_SITE', 'datadoghq.com')}", timeout=20)
    connection.request("POST", f"/api/v1/{path}", json.dumps(body), headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status >= 400:
        raise SystemExit(f"{path}: {answer.status} {told.decode(errors='replace')}")
    return json.loads(told)


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def main():
    ids = {}
    for slo in read("slos.json"):
        ids[slo["name"].split(" ")[0]] = send("slo", slo)["data"][0]["id"]
    for monitor in read("monitors.json"):
        for name, id_ in ids.items():
            monitor["query"] = monitor["query"].replace(f'"{name}"', f'"{id_}"')
        send("monitor", monitor)
    print(send("dashboard", read("dashboard.json"))["url"])


if __name__ == "__main__":
    main()
