// The rows that every database has. The names, descriptions and order of statuses come from the published
// documentation, including its typing error. An `id` is the position in the list, from 1, and never changes.

export const jobStatuses = [
  { id: 1, name: 'TEST_NA', description: '' },
  { id: 2, name: 'ABORT', description: 'Job was removed from queue before completion' },
  { id: 3, name: 'ERROR', description: '' },
  { id: 4, name: 'FAIL', description: '' },
  { id: 5, name: 'WARN', description: '' },
  { id: 6, name: 'PASS', description: 'Job finished running successfull' },
  { id: 7, name: 'START', description: 'Job just started running' },
  { id: 8, name: 'ALERT', description: '' },
  { id: 9, name: 'RUNNING', description: 'Job is currently being executed' },
  { id: 10, name: 'NOSTATUS', description: 'Job has no recognizable status' },
] as const

export const testStatuses = [
  { id: 1, name: 'PASS', description: 'Test succeeded' },
  { id: 2, name: 'ERROR', description: 'Test had an error' },
  { id: 3, name: 'FAIL', description: 'Test failed' },
  { id: 4, name: 'TEST_NA', description: 'Test was skipped' },
  { id: 5, name: 'WARN', description: 'Test generated warnings' },
] as const

/** Statuses of current Avocado versions that are not among the five test statuses, with the status that stores each. */
export const reportedStatuses = [
  { id: 1, name: 'SKIP', status: 4 },
  { id: 2, name: 'CANCEL', status: 4 },
  { id: 3, name: 'INTERRUPTED', status: 2 },
] as const

/** The name of the component kind, the architecture and the distro in a new database. */
export const UNKNOWN = 'unknown'
