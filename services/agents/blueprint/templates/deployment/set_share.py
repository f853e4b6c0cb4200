"""Sets the share of people in a flag file: python3 deploy/set_share.py flags/FILE PERCENT

Knows the files of LaunchDarkly, Split, Unleash and flagd by their shape. Made by the blueprint engine; no model was called.
"""

import json
import sys
from pathlib import Path


def with_share(data: dict, percent: int) -> dict:
    """The same flag data with another share. Raises: KeyError when the shape is none of the four."""
    if "splits" in data:
        on, off = data["splits"][0]["conditions"][0]["partitions"]
        on["size"], off["size"] = percent, 100 - percent
    elif "features" in data:
        data["features"][0]["strategies"][0]["parameters"]["rollout"] = str(percent)
    else:
        flag = next(iter(data["flags"].values()))
        if "targeting" in flag:
            flag["targeting"]["fractional"] = [["on", percent], ["off", 100 - percent]]
        else:
            on, off = flag["fallthrough"]["rollout"]["variations"]
            on["weight"], off["weight"] = percent * 1000, 100_000 - percent * 1000
    return data


def main() -> None:
    if len(sys.argv) != 3 or not sys.argv[2].isdigit() or int(sys.argv[2]) > 100:
        sys.exit(__doc__)
    path = Path(sys.argv[1])
    data = with_share(json.loads(path.read_text(encoding="utf-8")), int(sys.argv[2]))
    path.write_text(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
