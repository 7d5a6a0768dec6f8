// The tests of two compared jobs, by class and reason: each reason once, then its tests.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { ComparedTest, Comparison } from '../api'
import { formatCount, formatTemplate } from '../format'
import { KnownIssueText } from '../known-issues/line'
import { Empty } from '../parts/notice'
import { Pager, pageOf } from '../parts/pager'
import { Status } from '../parts/status'
import { Duration } from '../parts/time'
import { useRowNavigation } from '../row-navigation'
import { statusOf } from '../statuses'
import { ClassIcon, ClassStatus } from './class-status'
import { type ClassName, classMeanings, classNames, countChanged, decisionOf, groupNote } from './words'

/** Tests of a page. */
export const PAGE_SIZE = 100

export function ComparedTests({ comparison }: { comparison: Comparison }) {
  const { query, hrefWith } = useQuery()
  const { route } = useLocation()
  const { tests, count, counts, baseline } = comparison
  const selected = useRowNavigation({
    count: tests.length,
    idOf: (index) => rowIdOf(tests[index]),
    open: (index) => {
      const test = tests[index]
      if (test) route(hrefOf(comparison, test))
    },
  })
  return (
    <section class="panel" aria-label="Tests">
      <div class="panel-head">
        <ClassChoices comparison={comparison} />
        {count > PAGE_SIZE && (
          <Pager
            page={pageOf(query)}
            pageSize={PAGE_SIZE}
            count={count}
            href={(page) => hrefWith({ page })}
          />
        )}
      </div>
      {tests.length === 0 ? (
        <Empty>
          <p>No test is like this.</p>
        </Empty>
      ) : (
        <table class="cards compared">
          <caption class="visually-hidden">Tests</caption>
          <thead>
            <tr>
              <th scope="col">Test</th>
              <th scope="col" class="col-compared">
                Base
              </th>
              <th scope="col" class="col-compared">
                Now
              </th>
            </tr>
          </thead>
          {groupsOf(tests).map((group) => (
            <Group key={group.first} {...group} comparison={comparison} selected={selected} />
          ))}
        </table>
      )}
      <p class="panel-note">
        {counts.unchanged > 0 && query.class !== 'unchanged' && (
          <>
            <a href={hrefWith({ class: 'unchanged', page: undefined })}>
              {formatCount(counts.unchanged)} unchanged
            </a>{' '}
            ·{' '}
          </>
        )}
        {baseline.reason}
      </p>
    </section>
  )
}

function rowIdOf(test: ComparedTest | undefined): number | undefined {
  return test?.job?.test ?? test?.base?.test
}

/** The page of the test in the job, or in the base where the job has no such test. */
function hrefOf({ job, base }: Comparison, test: ComparedTest): string {
  if (test.job) return paths.test(job, test.job.test)
  return paths.test(base ?? '', test.base?.test ?? 0)
}

interface TestGroup {
  name: ClassName
  template: string | null
  tests: ComparedTest[]
  /** The index of its first test on the page. */
  first: number
}

/** Tests that follow each other with one class and one reason. */
function groupsOf(tests: ComparedTest[]): TestGroup[] {
  const groups: TestGroup[] = []
  for (const [index, test] of tests.entries()) {
    const last = groups.at(-1)
    const name = test.class as ClassName
    if (last && last.name === name && last.template === test.template) last.tests.push(test)
    else groups.push({ name, template: test.template, tests: [test], first: index })
  }
  return groups
}

function Group({
  name,
  template,
  tests,
  first,
  comparison,
  selected,
}: TestGroup & { comparison: Comparison; selected: number }) {
  const note = groupNote(name)
  const reason = template === null ? undefined : formatTemplate(template)
  return (
    <tbody>
      <tr class="group-row">
        <th scope="rowgroup" colSpan={3}>
          <ClassStatus name={name} /> {tests.length > 1 && <span class="muted">{tests.length} tests</span>}{' '}
          {reason !== undefined && (
            <span class="group-note" title={reason}>
              {name === 'fixed' || name === 'fixed_unsure' ? 'It failed with: ' : ''}
              {reason}
            </span>
          )}
          {note !== undefined && <span class="group-note muted">{note}</span>}
        </th>
      </tr>
      {tests.map((test, index) => (
        <Row
          key={rowIdOf(test)}
          test={test}
          comparison={comparison}
          isSelected={first + index === selected}
        />
      ))}
    </tbody>
  )
}

function Row({
  test,
  comparison,
  isSelected,
}: {
  test: ComparedTest
  comparison: Comparison
  isSelected: boolean
}) {
  const { job, base } = comparison
  const decision = decisionOf(test)
  return (
    <tr data-row={rowIdOf(test)} aria-selected={isSelected || undefined}>
      <th scope="row" class="wide wrap">
        <a class="row-link" href={hrefOf(comparison, test)}>
          {test.suite !== '' && <span class="muted">{test.suite}: </span>}
          {test.name}
          {test.variant !== null && <span class="muted">;{test.variant}</span>}
        </a>
        {test.ratio !== undefined && <span class="sub">{ratioText(test.ratio)}</span>}
        {decision !== undefined && <span class="sub">{decision}</span>}
        {test.known_issue && (
          <span class="sub known-issue-line">
            <KnownIssueText issue={test.known_issue} />
          </span>
        )}
      </th>
      <Side label="base" job={base} side={test.base} test={test} />
      <Side label="now" job={job} side={test.job} test={test} />
    </tr>
  )
}

/** `×1.16` */
function ratioText(ratio: number): string {
  return `×${ratio < 0.1 ? ratio.toPrecision(1) : ratio.toFixed(2)}`
}

/** The status of a test in one of the jobs, or how long it took, where that is the news. */
function Side({
  label,
  job,
  side,
  test,
}: {
  label: string
  job: string | null
  side: ComparedTest['base']
  test: ComparedTest
}) {
  return (
    <td class="grow" data-label={label}>
      {side === null || job === null ? (
        <span class="muted">–</span>
      ) : (
        <a href={paths.test(job, side.test)}>
          {test.ratio === undefined ? (
            <Status status={statusOf(side)} />
          ) : (
            <span class="numbers">
              <Duration seconds={side.elapsed_time} />
            </span>
          )}
        </a>
      )}
    </td>
  )
}

/** The number of tests of each class, as links that list them. */
function ClassChoices({ comparison }: { comparison: Comparison }) {
  const { query, hrefWith } = useQuery()
  const { counts } = comparison
  const current = query.class ?? 'changed'
  const named = classNames.filter((name) => counts[name] > 0 && (name !== 'unchanged' || current === name))
  return (
    <nav class="choices" aria-label="Class">
      <a href={hrefWith({ class: undefined, page: undefined })} aria-current={current === 'changed'}>
        Changed {formatCount(countChanged(comparison))}
      </a>
      {named.map((name) => (
        <a
          key={name}
          href={hrefWith({ class: current === name ? undefined : name, page: undefined })}
          aria-current={current === name}
        >
          <ClassIcon name={name} />
          {classMeanings[name].label} {formatCount(counts[name])}
        </a>
      ))}
    </nav>
  )
}
