"""Checks the event files of a run: TensorBoard's own reader finds the values of metrics.jsonl in them.

Needs `pip install tensorboard`.
Run:    python check_events.py --run DIR.run       what mtl train wrote beside its model DIR; resumed runs too
Prints: one line for each kind of value; exits 1 if a step is missing or a value differs
"""

import argparse
import json
import pathlib

from tensorboard.backend.event_processing import event_file_loader
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from check_common import Report

# Values are stored as float32.
TOLERANCE = 1e-6


def expected(lines):
    """The scalars of metrics.jsonl: {tag: [(step, value)]}, infinite ones as floats too."""
    scalars = {}
    for line in lines:
        if "evaluation" in line:
            scalars_of_line = {f"eval/{task}/{name}": value for task, scores in line["evaluation"].items() for name, value in scores.items()}
            if "joint_accuracy" in line:
                scalars_of_line["eval/joint_accuracy"] = line["joint_accuracy"]
        else:
            scalars_of_line = {"loss/total": line["loss"], "grad_norm": line["grad_norm"]}
            scalars_of_line |= {f"loss/{task}": value for task, value in line["tasks"].items()}
            scalars_of_line |= {f"learning_rate/{part}": value for part, value in line["learning_rates"].items()}
        for tag, value in scalars_of_line.items():
            scalars.setdefault(tag, []).append((line["step"], float(value)))
    return scalars


def check_restarts(report, run):
    """Each file but the first names the step that it continues from."""
    for file in sorted(run.glob("events.out.tfevents.*")):
        after = int(file.name.rsplit(".", 1)[1])
        events = event_file_loader.EventFileLoader(str(file)).Load()
        starts = [e.step for e in events if e.HasField("session_log") and e.session_log.status == e.session_log.START]
        report.same(f"{file.name}, restarts at", starts, [after + 1] if after else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=pathlib.Path, required=True)
    run = parser.parse_args().run
    report = Report(TOLERANCE)
    check_restarts(report, run)
    accumulator = EventAccumulator(str(run), size_guidance={"scalars": 0})
    accumulator.Reload()
    theirs = expected(map(json.loads, (run / "metrics.jsonl").read_text().splitlines()))
    report.same("tags", sorted(accumulator.Tags()["scalars"]), sorted(theirs))
    for tag in sorted(set(theirs) & set(accumulator.Tags()["scalars"])):
        scalars = accumulator.Scalars(tag)
        if [s.step for s in scalars] != [step for step, _ in theirs[tag]]:
            report.say(tag, f"other steps: {[s.step for s in scalars]}", False)
            continue
        report.compare(f"{tag}, {len(scalars)} steps", [[s.value for s in scalars]], [[value for _, value in theirs[tag]]])
    report.exit()


if __name__ == "__main__":
    main()
