"""Calls `run_training` of the instructlab-training library with the arguments beside this file.

Stands alone, since it is copied beside data and arguments, to be run where the GPUs are. Paths in
the arguments are relative to the file's folder.
"""

import json
import sys
from pathlib import Path


def launch(folder: Path) -> None:
    """Train; checkpoints go to `folder`/checkpoints."""
    from instructlab.training import (  # type: ignore[import-untyped]
        TorchrunArgs,
        TrainingArgs,
        run_training,
    )

    arguments = json.loads((folder / "arguments.json").read_text(encoding="utf-8"))
    training = arguments["training"]
    for key in ("data_path", "data_output_dir", "ckpt_output_dir"):
        training[key] = str(folder / training[key])
    run_training(TorchrunArgs(**arguments["torchrun"]), TrainingArgs(**training))


if __name__ == "__main__":
    launch(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent).resolve())
