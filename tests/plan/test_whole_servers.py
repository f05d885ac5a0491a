"""A fleet that is rented works: servers are filled."""

import numpy as np
import pytest

from fifo import equal, peak_latencies
from shared import plan_of, write
from t2v_capacity.plan.verdict import late

pytestmark = pytest.mark.usefixtures("folder")
SMALL = "gpu: h100-sxm\nmodel: wan2.2-ti2v-5b\nvideos_per_user_per_day: 2\npeak_to_average: 1.7\n"


def test_all_gpus_of_a_rented_server_make_clips() -> None:
    """Of 28 clips a day of 331 s none waits on a server of eight; one replica alone would miss the target.

    Requests at the peak are made one by one, on as many replicas as the servers at work hold.
    """
    text = f"{SMALL}dau: 14\ntarget_latency: 507 s\npins: {{gpu_seconds_per_video: 331 s}}\n"
    known = plan_of(write(text)).known
    of_eight, of_one = (
        np.quantile(peak_latencies(28, 1.7, replicas, {1.0: equal(331)}, days=4_000)[0], 0.95) for replicas in (8, 1)
    )

    assert (known["replicas_needed"], known["replicas"], known["gpus"]) == (1, 8, 16)
    assert known["latency_p95"] - known["off_gpu_seconds"] == pytest.approx(of_eight, rel=0.02)
    assert of_one > 507 > of_eight
    assert not late(known)
