// Links from one failed test of a job to the next.

import { useLocation } from 'preact-iso'
import { paths, useQuery, withQuery } from '../address'
import type { Page, Test } from '../api'
import { formatCount } from '../format'
import { useKeys } from '../keys'
import { FULL_PARAMETER } from '../log/full-screen'
import { changesOf, useResource } from '../resource'
import { ArrowIcon } from './icons'

/** The most failed tests that are loaded: enough for any reader. */
const MAX_TESTS = 1000

interface Props {
  /** The id of the job. */
  job: string
  /** Its number, once it is known. */
  number: number | undefined
  test: number
}

/** Links to the failed tests before and after this one, in the order in which the job lists them. */
export function FailedTests({ job, number, test }: Props) {
  const { route } = useLocation()
  const { query } = useQuery()
  const failed = useResource<Page<Test>>(
    `/jobs/${job}/tests/?status=FAIL,ERROR&ordering=severity&page_size=${MAX_TESTS}`,
    changesOf(number),
  )
  const tests = failed.data?.results ?? []
  const index = tests.findIndex(({ id }) => id === test)
  const hrefOf = (neighbour: Test | undefined) =>
    neighbour &&
    withQuery(paths.test(job, neighbour.id), { tab: query.tab, [FULL_PARAMETER]: query[FULL_PARAMETER] })
  // For a test that did not fail, the index is -1, and the next failed test is the first one.
  const next = hrefOf(tests[index + 1])
  const previous = hrefOf(index > 0 ? tests[index - 1] : undefined)
  useKeys((key) => {
    const to = key === 'f' ? next : key === 'F' ? previous : undefined
    if (to) route(to)
  })
  if (!failed.data || failed.data.count === 0 || (!next && !previous)) return null
  const count = formatCount(failed.data.count)
  return (
    <nav class="failed-tests" aria-label="Failed tests">
      <Step href={previous} label="Previous failed test" direction="left" />
      <span class="numbers muted">
        {index < 0 ? `${count} failed` : `${formatCount(index + 1)} of ${count} failed`}
      </span>
      <Step href={next} label="Next failed test" direction="right" />
    </nav>
  )
}

interface StepProps {
  href: string | undefined
  label: string
  direction: 'left' | 'right'
}

function Step({ href, label, direction }: StepProps) {
  return href ? (
    <a
      class="button"
      href={href}
      aria-label={label}
      title={`${label} (${direction === 'right' ? 'f' : 'F'})`}
    >
      <ArrowIcon direction={direction} />
    </a>
  ) : (
    <span class="button" aria-disabled="true">
      <ArrowIcon direction={direction} />
    </span>
  )
}
