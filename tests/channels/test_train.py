"""Training without what Rasa does in vain: the same data, the same complaints."""

from pathlib import Path

import pytest
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils import validation
from rasa.shared.utils.validation import YamlValidationException

from channels.train import as_it_is, checked

NLU = "shared/nlu/training_data/schemas/nlu.yml"
PROJECT = {
    "config.yml": """
recipe: default.v1
language: en
importers: [{name: nlu.importer.TopicImporter}]
""",
    "domain.yml": 'version: "3.1"\nintents: []\n',
    "data/talk/domain.yml": 'version: "3.1"\nintents: [greet, faq]\n',
    "data/talk/rules.yml": """
version: "3.1"
rules:
- rule: a greeting
  steps: [{intent: greet}, {action: utter_hello}]
""",
    "data/talk/en.yml": """
version: "3.1"
nlu:
- {intent: greet, examples: "- hello\\n- hi"}
- {intent: faq/hours, examples: "- when are you open"}
responses:
  utter_hello: [{text: Hello!}]
  utter_faq/hours: [{text: Always.}]
""",
    "data/talk/pl.yml": """
version: "3.1"
nlu:
- {intent: greet, examples: "- cześć\\n- hi"}
responses:
  utter_hello: [{text: Cześć!}]
""",
}


def facts(message: Message) -> tuple[str, ...]:
    return tuple(str(message.get(key)) for key in ("text", "intent", "label", "language"))


def test_what_is_learnt_is_what_rasa_would_learn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    given = "config.yml", "domain.yml", ["data"]
    ours, rasas = as_it_is(*given), TrainingDataImporter.load_from_config(*given)
    learnt = [facts(m) for m in ours.get_nlu_data().intent_examples]
    assert len(learnt) == 5
    assert learnt == [facts(m) for m in rasas.get_nlu_data().intent_examples]
    assert ours.get_domain().as_dict() == rasas.get_domain().as_dict()
    assert ours.get_stories().fingerprint() == rasas.get_stories().fingerprint()


def test_a_mistake_is_told_with_its_line() -> None:
    check = checked(validation.validate_yaml_schema)
    check("nlu:\n- intent: greet\n  examples: |\n    - hello\n", NLU)
    with pytest.raises(YamlValidationException, match="Line 2"):
        check("nlu:\n- intent: greet\n  exampels: |\n    - hello\n", NLU)
