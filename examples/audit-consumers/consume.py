#!/usr/bin/env python3
"""Prints every event of every run once, in order, one JSON object a line.

Needs confluent-kafka (Debian: python3-confluent-kafka, for /usr/bin/python3; PyPI: confluent-kafka).

    KAFKA_BROKERS=127.0.0.1:9092 /usr/bin/python3 examples/audit-consumers/consume.py [--all]

--all also prints the repeats, marked as such.
"""
import json
import os
import sys

from confluent_kafka import Consumer, KafkaException, TopicPartition

TOPIC = "audit.events"


def main() -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA_BROKERS"],
            # Partitions are named below, so no group is joined; where to go on is this program's business.
            "group.id": "audit-example",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )
    partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, partition, 0) for partition in partitions])
    print_repeats = "--all" in sys.argv[1:]
    last: dict[str, int] = {}
    while True:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        headers = {name: (value or b"").decode() for name, value in message.headers() or []}

        # The two lines: what is not greater than the last seq of its run is a repeat (or, without a seq, no event of a run).
        run, seq = headers.get("ce_subject", ""), int(headers.get("ce_seq", 0))
        is_repeat = seq <= last.get(run, 0)

        if not is_repeat:
            last[run] = seq
        if print_repeats or not is_repeat:
            event = {"run": run, "seq": seq, "type": headers.get("ce_type"), "headers": headers}
            event["data"] = json.loads(message.value())
            print(json.dumps({**event, "repeat": True} if is_repeat else event), flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
