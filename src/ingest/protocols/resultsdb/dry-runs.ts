// All dry runs of Avocado have the same id, but each is a separate job. Its id is made from the run's folder, which is
// unique and part of every result that the plugin sends.

import { idOfContent } from '../../formats/reading'
import { isDryRun } from '../../formats/results-json'
import { isFolderName } from '../../job-description'

/** The id of all dry runs. */
export const DRY_RUN_ID = '0'.repeat(40)

/** Such a group creates no job. The first result does: only results identify the run, and most runs have none. */
export function isGroupOfDryRun(group: { uuid: string | null; description: string | null }): boolean {
  return group.uuid !== null && isDryRun(group.uuid) && isFolderName(group.description ?? '')
}

/**
 * The id of the job that a result of a dry run belongs to.
 *
 * @param group  as posted
 * @returns undefined for a result of another job, and for one without a log directory
 */
export function jobIdOfDryRun(
  group: string,
  data: ReadonlyMap<string, string | readonly string[]>,
): string | undefined {
  const logdir = data.get('logdir')
  if (!isDryRun(group) || typeof logdir !== 'string') return undefined
  const [, folder] = /^(.*\/job-[^/]*)\/test-results\//.exec(logdir) ?? []
  return folder === undefined ? undefined : idOfContent(`dry run ${folder}`)
}
