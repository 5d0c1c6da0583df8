# Shopkeeper: `make run` and `make test` do all the set-up there is.
SHELL := /bin/bash
ASSISTANT := .venv/assistant/bin/python
ACTIONS := .venv/actions/bin/python
MODEL := models/shopkeeper.tar.gz
DATA := config.yml domain.yml $(wildcard data/*/*.yml nlu/*.py nlu/words/*.yml) channels/train.py
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export OMP_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONWARNINGS := ignore

.PHONY: help run orders train test test-faults test-peers check import bench bench-channels bench-cost bench-designer bench-stock retail clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | sort

run: $(ACTIONS) $(MODEL) ## start the assistant, its actions and the demo shop; prints one URL
	@$(ACTIONS) -m shop.environment var/env
	@ASSISTANT_PYTHON=$(ASSISTANT) ACTIONS_PYTHON=$(ACTIONS) \
		$(ACTIONS) -m honcho --env var/env start

train: $(MODEL) ## train the model if it is missing or older than its data

$(MODEL): $(ASSISTANT) $(DATA)
	$(ASSISTANT) -m channels.train
	@touch $@

orders: $(ACTIONS) ## list some orders of the demo shop to ask about
	@test -f var/env || $(ACTIONS) -m shop.environment var/env
	@set -a && . var/env && $(ACTIONS) -m shop.demo

import: $(ACTIONS) ## load a product feed: make import FILE=feed.xml
	@test -f var/env || $(ACTIONS) -m shop.environment var/env
	@set -a && . var/env && $(ACTIONS) -m shop.import_feed "$(FILE)"

check: .venv/test ## style, types and the rules of the house
	$(ACTIONS) -m ruff check .
	$(ACTIONS) -m ruff format --check .
	$(ACTIONS) -m yamllint -s .
	$(ACTIONS) -m mypy actions shop
	$(ACTIONS) -m pytest -q tests/test_house.py

test: .venv/test $(MODEL) ## install what is needed and pass every test, browser tests included
	tests/run

test-faults: .venv/test ## kill -9 at random moments while people write: nothing lost, doubled or out of order
	$(ASSISTANT) -m pytest -q -s tests/faults

test-peers: .venv/test $(MODEL) ## the ports' contracts over systems that run for real, installed into .peers/
	$(ACTIONS) -m pytest -q tests/peers

bench: .venv/test $(MODEL) ## measure training, start, memory, answer times
	$(ACTIONS) -m bench.product

bench-stock: .venv/test ## beside stock Rasa on the same phrases: ARGS="--phrases 0 --languages en pl es" for all
	ASSISTANT_PYTHON=$(ASSISTANT) $(ACTIONS) -m bench.stock $(ARGS)

bench-cost: export SHOPKEEPER_VOCABULARY := tests/nlu/vocabulary.json
bench-cost: .venv/test $(MODEL) ## a message late in a conversation, among 100,000 others, part by part
	$(ASSISTANT) -m bench.cost
	$(ASSISTANT) -m bench.parts

bench-designer: .venv/test ## how long a designer waits for one more phrase, and for a reworded reply
	ASSISTANT_PYTHON=$(ASSISTANT) $(ACTIONS) -m bench.designer

bench-channels: .venv/test $(MODEL) ## measure how soon 50 webhooks a second are taken, with and without the gateway
	ASSISTANT_PYTHON=$(ASSISTANT) ACTIONS_PYTHON=$(ACTIONS) $(ASSISTANT) -m bench.channels

retail: .venv/test $(MODEL) ## play the 400 tasks of the retail set: make retail ARGS="--language pl"
	$(ACTIONS) -m bench.retail.run $(ARGS)

clean: ## delete environments, models and data
	rm -rf .venv models var .rasa tests/output

.venv/python: requirements/python310
	@mkdir -p .venv
	requirements/python310 > $@.new && mv $@.new $@

.venv/%/bin/python: requirements/%.txt .venv/python
	"$$(cat .venv/python)" -m venv --clear .venv/$*
	$@ -m pip install -q --require-hashes -r requirements/$*.txt
	@touch $@

.venv/test: $(ASSISTANT) $(ACTIONS) requirements/assistant-test.txt requirements/actions-test.txt
	$(ASSISTANT) -m pip install -q --require-hashes -r requirements/assistant-test.txt
	$(ACTIONS) -m pip install -q --require-hashes -r requirements/actions-test.txt
	@touch $@
