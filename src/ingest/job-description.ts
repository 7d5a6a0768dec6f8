// Generates the description of a job that nobody has described: `passtest.py and 3 more on rack7`. See
// results/labels/generated-description.ts.

import { jobData } from '../results/data/queries'
import {
  AVOCADO_CATEGORY,
  isGeneratedFrom,
  NOTE_KEYS,
  notesOf,
  placeSuffix,
} from '../results/labels/generated-description'
import { hostNameOf } from '../results/labels/place'
import { nameOf } from '../results/tests/model'
import { type Connection, query, tables } from '../storage/query'
import { firstCodePoints } from './formats/reading'
import type { DescriptionSource, JobReport } from './model'

const MAX_NAME = 120

/** @param names  of tests or references. @returns null when there are none */
export function descriptionSourceOf(
  names: readonly string[],
  from: DescriptionSource['from'],
): DescriptionSource | null {
  const [first] = names
  return first === undefined ? null : { first, others: names.length - 1, from }
}

/** Whether this is Avocado's name of a job's folder, which its resultsdb plugin sends as a group's description. */
export function isFolderName(description: string): boolean {
  return /^job-\d{4}-\d\d-\d\dT\d\d\.\d\d-[0-9a-f]{7}$/.test(description)
}

const firstTest = query<{ job: number }>()((param) =>
  tables
    .selectFrom('test')
    .innerJoin('testcase', 'testcase.id', 'test.testcase')
    .select(['testcase.text as testcase', 'testcase.variant'])
    .where('test.job', '=', param('job'))
    .limit(1),
)

/**
 * The description that a job gets after a report.
 *
 * @param stored  its current description and number of tests.
 */
export async function describeJob(
  connection: Connection,
  job: number,
  stored: { description: string | null; tests_total: number },
  { description, descriptionSource: source }: Pick<JobReport, 'description' | 'descriptionSource'>,
): Promise<string | null> {
  const old = stored.description
  if (description === null && !source) return old
  const notes = await notesOf(connection, job)
  const noteOf = (from: DescriptionSource['from']) => notes.find(({ key }) => key === NOTE_KEYS[from])
  const isOf = (from: DescriptionSource['from']) => isGeneratedFrom(noteOf(from)?.value, old)
  const isUndescribed = old === null || isFolderName(old)
  const isGenerated = isOf('tests') || isOf('references')
  if (description !== null) {
    return isUndescribed || (isGenerated && !isFolderName(description)) ? description : old
  }
  // References take precedence over tests, because a person has typed them.
  if (!source || !(isUndescribed || isGenerated) || (source.from === 'tests' && isOf('references')))
    return old
  const known = noteOf(source.from)
  const storedFirst = source.first === null && !known ? await connection.first(firstTest, { job }) : undefined
  const first = source.first ?? known?.value ?? (storedFirst && nameOf(storedFirst))
  if (first == null) return old
  const file = firstCodePoints(fileOf(first), MAX_NAME)
  if (!known)
    await jobData.store(connection, job, {
      category: AVOCADO_CATEGORY,
      key: NOTE_KEYS[source.from],
      value: file,
    })
  else if (known.value !== file)
    await jobData.change(connection, { owner: job, id: known.id }, { value: file })
  const others = source.others ?? stored.tests_total - 1
  return `${file}${others > 0 ? ` and ${others} more` : ''}${placeSuffix(await hostNameOf(connection, job))}`
}

/** The file of a test's name: somebody who ran `passtest.py` got `passtest.py:PassTest.test`. */
function fileOf(name: string): string {
  return /^.*?\.py(?=:)/s.exec(name)?.[0] ?? name
}
