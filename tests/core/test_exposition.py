from __future__ import annotations

from core.exposition import Gauge, exposition


def test_a_gauge_is_written_with_help_type_and_one_line_a_sample():
    gauge = Gauge("tips", "Tips stored.", (({"channel": "sms", "noise": "true"}, 3), ({}, 0.25)))
    assert exposition([gauge]) == (
        '# HELP tips Tips stored.\n# TYPE tips gauge\ntips{channel="sms",noise="true"} 3\ntips 0.25\n'
    )


def test_large_counts_keep_every_digit():
    assert exposition([Gauge("n", "N.", (({}, 123_456_789_012),))]).endswith("n 123456789012\n")


def test_what_would_end_a_line_or_a_label_is_escaped():
    text = exposition([Gauge("n", "a\nb\\", (({"x": 'say "hi"\n\\'}, 1),))])
    assert text.splitlines() == ["# HELP n a\\nb\\\\", "# TYPE n gauge", r'n{x="say \"hi\"\n\\"} 1']
