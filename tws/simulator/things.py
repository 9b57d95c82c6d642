"""Workstations, resources and the engine itself as V2 and V1 write them."""

from typing import Any

from tws.simulator.formats import instant, instant_v1
from tws.simulator.model import Job, Resource, Workstation
from tws.simulator.plan import Plan

Json = dict[str, Any]
VERSION = "10.2.5"


def workstation(plan: Plan, item: Workstation) -> Json:
    """Write a workstation; its link state is in activeStates."""
    manager = item.type == "MANAGER"
    answer: Json = {
        "id": item.id,
        "planId": plan.id,
        "folder": item.folder,
        "name": item.name,
        "key": item.key,
        "runNumber": plan.run_number,
        "activeStates": sorted(item.states),
        "activeFlags": sorted(item.flags),
        "type": item.type,
        "hostType": "MASTER" if manager else "WORKSTATION",
        "os": item.os,
        "timeZone": "Europe/Paris",
        "nodeName": f"{item.name.lower().replace('_', '-')}.example.com",
        "tcpPort": 31111 if item.type in ("FTA", "MANAGER") else 31114,
        "sslPort": 31113 if item.type in ("FTA", "MANAGER") else 31114,
        "domainName": "MASTERDM",
        "limit": item.limit,
        "fence": item.fence,
        "version": f"{VERSION}.00",
        "timeStarted": instant(plan.start),
        "ignore": item.ignore,
        "archived": False,
    }
    if not manager:
        answer["host"] = item.host or f"{plan.master}_DWB"
    return answer


def resource(item: Resource) -> Json:
    """Write a resource with its holders; available may be negative."""
    return {
        "id": item.id,
        "folder": item.folder,
        "name": item.name,
        "key": item.key,
        "workstation": item.workstation.key,
        "workstationId": item.workstation.id,
        "quantity": item.quantity,
        "quantityAvailable": item.available,
        "quantityInUse": item.in_use,
        "holders": [
            {
                **(
                    {"jobId": node.id, "job": node.name, "jobKey": node.key}
                    if isinstance(node, Job)
                    else {}
                ),
                "jobStreamId": node.stream.id if isinstance(node, Job) else node.id,
                "jobStream": node.stream.key if isinstance(node, Job) else node.key,
                "quantity": quantity,
                "shared": item.quantity > 1,
            }
            for node, quantity in item.held.items()
        ],
        "status": "AVAILABLE" if item.available > 0 else "NOT_AVAILABLE",
        "archived": False,
    }


def engine_info(plan: Plan) -> Json:
    return {
        "displayVersion": VERSION,
        "fullVersion": f"{VERSION}.00",
        "capabilities": {},
        "adminRoles": {},
        "referenceId": f"HWA-{plan.master}",
        "licenseType": "PERSERVER",
        "locale": "en_US",
        "timezone": "Europe/Paris",
    }


def engine_info_v1(plan: Plan) -> Json:
    """Write the engine info of V1; "synphony" is the vendor's spelling."""
    day = plan.start - plan.start % 86400
    return {
        "hasDatabasePlan": True,
        "hasModel": True,
        "hasPlan": True,
        "locale": "en_US",
        "timezone": "Europe/Paris",
        "timezoneEnable": True,
        "dbTimezone": "Europe/Paris",
        "planTimezone": "Europe/Paris",
        "dbStartOfDay": "0000",
        "roleBasedSecurityEnabled": True,
        "type": "MASTER",
        "engineType": "TWS",
        "version": f"{VERSION}.00",
        "fullVersion": f"{VERSION}.00",
        "displayVersion": VERSION,
        "apiLevel": VERSION,
        "featureLevel": VERSION,
        "enableRerunOpt": True,
        "workstationName": plan.master,
        "domainName": "MASTERDM",
        "masterDomain": "MASTERDM",
        "masterWorkstation": plan.master,
        "synphonyFound": True,
        "synphonyFileName": "/opt/wa/TWSDATA/Symphony",
        "synphonyRunNumber": plan.run_number,
        "synphonyScheduledDate": instant_v1(day),
        "synphonyStartTime": instant_v1(day + 7),
        "synphonyStartOfDay": "0000",
        "synphonyPlanStart": instant_v1(plan.start),
        "synphonyPlanEnd": instant_v1(plan.end),
        "synphonySize": 512 * (len(plan.jobs) + len(plan.streams)),
        "synphonyBatchManStatus": "DOWN" if plan.stopped else "LIVES",
        "ltpStartDate": instant_v1(day - 3 * 86400),
        "ltpEndDate": instant_v1(day + 14 * 86400),
        "fipsEnabled": False,
        "licenseType": "PERJOB",
        "executorList": [],
    }
