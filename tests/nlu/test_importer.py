from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.importers.importer import TrainingDataImporter

FILES = {
    "config.yml": """
recipe: default.v1
language: en
importers: [{name: nlu.importer.TopicImporter}]
""",
    "domain.yml": """
version: "3.1"
slots:
  language: {type: categorical, values: [en, pl], mappings: [{type: custom}]}
""",
    "data/faq/domain.yml": 'version: "3.1"\nintents: [faq, greet]\n',
    "data/faq/rules.yml": """
version: "3.1"
rules:
- rule: a question is answered
  steps: [{intent: faq}, {action: utter_faq}]
""",
    "data/faq/en.yml": """
version: "3.1"
nlu:
- intent: faq/hours
  examples: |
    - when are you open
- intent: greet
  examples: |
    - hello
responses:
  utter_faq/hours: [{text: From nine.}]
  utter_hello: [{text: Hello!}, {text: Hi there!, channel: sms}]
""",
    "data/faq/pl.yml": """
version: "3.1"
nlu:
- intent: faq/hours
  examples: |
    - kiedy otwarte
responses:
  utter_faq/hours: [{text: Od dziewiątej.}]
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def load(project: Path) -> TrainingDataImporter:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        warnings.filterwarnings("ignore", "Slot auto-fill")  # Rasa says so of every slot
        importer = TrainingDataImporter.load_from_config(
            str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")]
        )
        importer.get_domain()
        importer.get_stories()
    return importer


def test_a_topic_is_part_of_the_domain(project: Path) -> None:
    domain = load(project).get_domain()
    assert {"faq", "greet"} <= set(domain.intents)
    assert domain.retrieval_intents == ["faq"]
    assert "utter_faq" in domain.action_names_or_texts


def test_each_language_has_its_condition(project: Path) -> None:
    answers = load(project).get_domain().responses
    english, polish = answers["utter_faq/hours"]
    assert english == {"text": "From nine."}
    assert polish["condition"] == [{"type": "slot", "name": "language", "value": "pl"}]
    assert "condition" in answers["utter_hello"][1], "or it would beat another language's"


def test_phrases_know_their_label_and_language(project: Path) -> None:
    messages = load(project).get_nlu_data().intent_examples
    told = {(m.get("text"), m.get("label"), m.get("language")) for m in messages if m.get("label")}
    assert told == {
        ("when are you open", "faq/hours", "en"),
        ("hello", "greet", "en"),
        ("kiedy otwarte", "faq/hours", "pl"),
    }


def test_rewording_a_reply_retrains_nothing(project: Path) -> None:
    before = load(project).get_nlu_data().fingerprint()
    file = project / "data/faq/en.yml"
    file.write_text(file.read_text().replace("From nine.", "From ten."))
    after = load(project)
    assert after.get_domain().responses["utter_faq/hours"][0]["text"] == "From ten."
    assert after.get_nlu_data().fingerprint() == before


def test_without_a_domain_there_is_none(project: Path) -> None:
    from nlu.importer import TopicImporter

    importer = TopicImporter(str(project / "config.yml"), None, [str(project / "data")])
    assert isinstance(importer.get_domain(), Domain)
    assert importer.get_domain().is_empty()
