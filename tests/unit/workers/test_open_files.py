import sys

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no such limit", allow_module_level=True)

import resource

from qtmail.workers.open_files import OPEN_FILES, allow_open_files


def test_the_limit_is_raised_and_never_lowered():
    limit, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(limit, 1024), most))
        allow_open_files()
        raised = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        assert raised == (OPEN_FILES if most == resource.RLIM_INFINITY else min(OPEN_FILES, most))
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
        allow_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= limit
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
