#!/bin/sh
# Generated from the topic table by `npm run acls`. Lets each service do what it has to and nothing else; the cluster has to deny what is not allowed.
# Usage: BOOTSTRAP=host:9092 COMMAND_CONFIG=admin.properties sh $0
set -eu
: "${BOOTSTRAP:?host:port of the cluster}" "${COMMAND_CONFIG:?properties file of an administrator}"
add() { kafka-acls.sh --bootstrap-server "$BOOTSTRAP" --command-config "$COMMAND_CONFIG" --add "$@"; }

add --allow-principal User:orchestrator --operation Write --topic run.events --topic run.checkpoints --topic orchestrator.quarantine
add --allow-principal User:orchestrator --operation Read --topic run.events --topic run.checkpoints --topic run.commands --topic plan.events --topic policy.events --topic tool.events --topic approval.events --topic artifact.events
add --allow-principal User:orchestrator --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:orchestrator --operation Read --group interlock.orchestrator
add --allow-principal User:planner --operation Write --topic plan.events --topic planner.quarantine
add --allow-principal User:planner --operation Read --topic plan.events --topic run.events --topic policy.events --topic artifact.events
add --allow-principal User:planner --operation Delete --topic plan.events
add --allow-principal User:planner --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:planner --operation Read --group interlock.planner
add --allow-principal User:planner --operation Describe --group interlock.orchestrator
add --allow-principal User:policy --operation Write --topic policy.events --topic policy.quarantine
add --allow-principal User:policy --operation Read --topic policy.events --topic run.events --topic approval.events --topic artifact.events
add --allow-principal User:policy --operation Delete --topic policy.events
add --allow-principal User:policy --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:policy --operation Read --group interlock.policy
add --allow-principal User:policy --operation Describe --group interlock.orchestrator --group interlock.tool-executor --group interlock.planner
add --allow-principal User:tool-executor --operation Write --topic tool.events --topic tool.handover --topic tool-executor.quarantine
add --allow-principal User:tool-executor --operation Read --topic tool.events --topic tool.handover --topic run.events --topic policy.events --topic approval.events --topic artifact.events
add --allow-principal User:tool-executor --operation Delete --topic tool.events
add --allow-principal User:tool-executor --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:tool-executor --operation Read --group interlock.tool-executor
add --allow-principal User:tool-executor --operation Describe --group interlock.orchestrator
add --allow-principal User:approval --operation Write --topic approval.events --topic approval.quarantine
add --allow-principal User:approval --operation Read --topic approval.events --topic run.events --topic approval.commands --topic artifact.events
add --allow-principal User:approval --operation Delete --topic approval.events
add --allow-principal User:approval --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:approval --operation Read --group interlock.approval
add --allow-principal User:approval --operation Describe --group interlock.orchestrator --group interlock.tool-executor --group interlock.policy
add --allow-principal User:gateway --operation Write --topic run.commands --topic approval.commands --topic access.events --topic artifact.commands --topic gateway.quarantine
add --allow-principal User:gateway --operation Read --topic run.commands --topic run.events --topic artifact.events
add --allow-principal User:gateway --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:gateway --operation Read --group interlock.gateway
add --allow-principal User:registry --operation Write --topic artifact.events --topic registry.quarantine
add --allow-principal User:registry --operation Read --topic artifact.events --topic artifact.commands
add --allow-principal User:registry --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:registry --operation Read --group interlock.registry
add --allow-principal User:telemetry --operation Write --topic audit.events --topic telemetry.quarantine
add --allow-principal User:telemetry --operation Read --topic audit.events --topic run.events --topic run.commands --topic plan.events --topic policy.events --topic tool.events --topic approval.events --topic artifact.events
add --allow-principal User:telemetry --operation Describe --topic run.commands --topic run.events --topic plan.events --topic policy.events --topic tool.events --topic tool.handover --topic approval.commands --topic approval.events --topic access.events --topic audit.events --topic artifact.commands --topic artifact.events --topic run.checkpoints --topic orchestrator.quarantine --topic planner.quarantine --topic policy.quarantine --topic tool-executor.quarantine --topic approval.quarantine --topic gateway.quarantine --topic registry.quarantine --topic telemetry.quarantine
add --allow-principal User:telemetry --operation Read --group interlock.telemetry --group interlock.telemetry.traces
add --allow-principal User:telemetry --operation Describe --group interlock.orchestrator --group interlock.planner --group interlock.policy --group interlock.tool-executor --group interlock.approval --group interlock.gateway --group interlock.registry
