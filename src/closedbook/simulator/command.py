"""`closedbook simulate` from the words of its command line: one option per setting.

The options are made from SimulatorSettings, so that a new setting needs nothing here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import anyio
import typer

from closedbook.errors import UserError
from closedbook.simulator.server import Simulator
from closedbook.simulator.settings import SimulatorSettings, settings_from

Port = Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)]
Host = Annotated[str, typer.Option(help="The address to listen on.")]


def run_command(words: Sequence[str]) -> None:
    """Serve as `words` say until interrupted. Raises UserError for a setting that cannot be."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(help=" ".join((simulate.__doc__ or "").split()))(simulate)
    app(words, prog_name="closedbook simulate")


def simulate(port: int, host: str, **options: Any) -> None:
    """Serve an OpenAI-compatible endpoint: a rule-based stand-in, not a language model.

    It answers by rule from what a prompt says (or with a canned reply), with the latency, slots and
    faults you choose: to test a client, measure it, or try out a configuration. While it runs,
    GET /stats tells what it counted and POST /control changes the settings.
    """
    faults = _rates(options.pop("fault") or ())
    try:
        settings = settings_from({**options, "faults": faults})
    except ValueError as error:
        raise UserError(str(error)) from None
    try:
        anyio.run(_serve, Simulator(settings, host=host, port=port))
    except OSError as error:
        raise UserError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    except KeyboardInterrupt:
        typer.echo("stopped")


async def _serve(simulator: Simulator) -> None:
    async with simulator:
        typer.echo(f"base_url: {simulator.url}\nmodel: {simulator.settings.model}")
        typer.echo("This is a stand-in, not a language model. Ctrl-C stops it.")
        await anyio.sleep_forever()


def _rates(words: Iterable[str]) -> dict[str, float]:
    rates = {}
    for word in words:
        name, _, rate = word.partition("=")
        try:
            rates[name] = float(rate)
        except ValueError:
            raise UserError(f"--fault {word}: write NAME=RATE, e.g. reset=0.05") from None
    return rates


def _signature() -> inspect.Signature:
    parameters = [_parameter("port", Port, 8000), _parameter("host", Host, "127.0.0.1")]
    for name, field in SimulatorSettings.model_fields.items():
        option = typer.Option(help=field.description)
        if name == "faults":
            parameters.append(_parameter("fault", Annotated[list[str] | None, option], None))
        else:
            parameters.append(_parameter(name, Annotated[field.annotation, option], field.default))
    return inspect.Signature(parameters)


def _parameter(name: str, annotation: Any, default: object) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)


simulate.__signature__ = _signature()  # type: ignore[attr-defined]
