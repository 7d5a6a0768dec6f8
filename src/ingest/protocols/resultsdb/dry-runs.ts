// Every dry run of Avocado has the same id, and is a job of its own all the same. What its plugin sends of a test names the
// folder of the run, which no other has: that makes the id of the job.

import { idOfContent } from '../../formats/reading'
import { isDryRun } from '../../formats/results-json'
import { isFolderName } from '../../naming'

/** The id that all of them have. */
export const DRY_RUN = '0'.repeat(40)

/** Its first result makes the job: until then nothing tells one run from another, and most of them have none. */
export function isGroupOfDryRun(group: { uuid: string | null; description: string | null }): boolean {
  return group.uuid !== null && isDryRun(group.uuid) && isFolderName(group.description ?? '')
}

/**
 * The id of the job of a result.
 *
 * @param group  as it was posted
 * @returns undefined for a result of no dry run, and for one that does not say where its log is
 */
export function jobOfDryRun(
  group: string,
  data: ReadonlyMap<string, string | readonly string[]>,
): string | undefined {
  const logdir = data.get('logdir')
  if (!isDryRun(group) || typeof logdir !== 'string') return undefined
  const [, folder] = /^(.*\/job-[^/]*)\/test-results\//.exec(logdir) ?? []
  return folder === undefined ? undefined : idOfContent(`dry run ${folder}`)
}
