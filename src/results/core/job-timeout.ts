// How a job tells that it had a time-out. Whether a test that was interrupted hung, or was cut off with its job, depends
// on it: see analysis/runs/interruptions.ts.

/** The label that says so. */
export const TIMEOUT_LABEL = 'job_timeout'

/** What imports store among the data of a job. */
export const AVOCADO_CATEGORY = 'avocado'
export const COMMAND_LINE = 'command line'
/** In the configuration that the job ran with. */
export const CONFIGURED_TIMEOUT = 'job timeout'
/** In the command line. */
export const TIMEOUT_OPTION = '--job-timeout'

/** Whether a datum says that its job had a time-out. */
export function tellsTimeout({
  category,
  key,
  value,
}: {
  category?: string | undefined
  key: string
  value?: string | null | undefined
}): boolean {
  if (category !== AVOCADO_CATEGORY) return false
  return key === CONFIGURED_TIMEOUT || (key === COMMAND_LINE && (value ?? '').includes(TIMEOUT_OPTION))
}
