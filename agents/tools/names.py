"""The names of the tools, known without importing them."""

TOOL_NAMES = (
    "tws_status",
    "tws_troubleshooting",
    "tws_job",
    "tws_stream",
    "tws_job_log",
    "tws_predecessors",
    "tws_successors",
    "tws_resource",
    "tws_workstation",
    "tws_impact",
    "tws_search",
)
