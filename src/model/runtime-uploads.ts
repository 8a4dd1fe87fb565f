/**
 * Forbids ONNX Runtime to send usage data to its maker, which releases from 1.30 on do by default (docs/decisions/0015-runtime-uploads.md).
 *
 * It counts only where it is set in the process's main thread before ONNX Runtime is first used in any thread: a worker's environment is a copy that native
 * code never sees.
 */
export function forbidRuntimeUploads(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
}
