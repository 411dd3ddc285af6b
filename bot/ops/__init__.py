"""What the operator sees and uses: logs, metrics, health, the doctor."""
