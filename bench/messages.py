"""What the trained model answers to messages: `python -m bench.messages FILE.jsonl`.

Each line of FILE is an object with a `text`; a `locale` stands for the channel's. Each line of the
output has the text, the intent (with the answer's name for questions), its confidence, the
language and the entities. Every message stands alone, as the first of its conversation.
"""

import argparse
import asyncio
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.model import get_latest_model


async def answer(agent: Agent, asked: dict[str, Any]) -> dict[str, Any]:
    metadata = {"locale": asked["locale"]} if asked.get("locale") else None
    message = UserMessage(asked["text"], metadata=metadata)
    parsed = await agent.processor.parse_message(message)
    intent = parsed["intent"]
    return {
        "text": asked["text"],
        "intent": intent.get("full_retrieval_intent_name") or intent["name"],
        "confidence": round(intent["confidence"], 3),
        "language": parsed.get("language"),
        "entities": [_entity(entity) for entity in parsed["entities"]],
    }


def _entity(entity: dict[str, Any]) -> dict[str, Any]:
    kept = ("entity", "value", "role", "start", "end")
    return {key: entity[key] for key in kept if key in entity}


def read(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


async def run(file: Path, model: str) -> None:
    agent = Agent.load(model)
    for asked in read(file):
        print(json.dumps(await answer(agent, asked), ensure_ascii=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, default=Path("models"), help="a model or its folder")
    options = parser.parse_args()
    quiet = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=quiet)  # or each text is printed once more
    is_file = options.model.is_file()
    model = str(options.model) if is_file else get_latest_model(str(options.model))
    asyncio.run(run(options.file, model))


if __name__ == "__main__":
    main()
