// The page of the search: tests, fail reasons and jobs with the words of one field.

import { useLocation } from 'preact-iso'
import { paths, useQuery } from '../address'
import type { FoundReason, FoundTestcase, Job } from '../api'
import { Empty } from '../parts/notice'
import { Tabs } from '../parts/tabs'
import { useResource } from '../resource'
import { useRowNavigation } from '../row-navigation'
import { type Group, groups, searchHref } from '../search/address'
import { FoundRunsPanel } from '../search/found-runs'
import { type Found, GroupPanel } from '../search/group'
import { JobHit, jobId, ReasonHit, reasonId, TestcaseHit, testcaseId } from '../search/hits'
import { SearchEverything } from '../search/search-everything'
import { useTitle } from '../title'

/** How many hits of each group are shown together, and on a page of one group. */
const FIRST_HITS = 5
const PAGE_SIZE = 25

const tabNames = ['all', ...groups, 'runs'] as const

export function Search() {
  const { query } = useQuery()
  const search = (query.q ?? '').trim()
  useTitle(search === '' ? 'Search' : `Search: ${search}`)
  return (
    <>
      <div class="view-head">
        <h1>{search === '' ? 'Search' : <>Search: {search}</>}</h1>
      </div>
      <SearchEverything class="search view-search" />
      {search === '' ? <Help /> : <Results search={search} />}
    </>
  )
}

function Help() {
  return (
    <section class="panel" aria-label="What is searched">
      <Empty>
        <p>
          Words of the names, variants and suites of tests, of fail reasons, and of the descriptions and ids
          of jobs. The beginning of a word is enough; all words must be there.
        </p>
      </Empty>
    </section>
  )
}

/** Loads a group: its first hits, or a page of it if it is the only one. */
function useGroup<T>(path: string, isOnly: boolean) {
  const { query } = useQuery()
  const page = isOnly && query.page ? `&page=${encodeURIComponent(query.page)}` : ''
  return useResource<Found<T>>(`${path}&page_size=${isOnly ? PAGE_SIZE : FIRST_HITS}${page}`)
}

function Results({ search }: { search: string }) {
  const { query } = useQuery()
  const { route } = useLocation()
  const tab = tabNames.find((name) => name === query.tab) ?? 'all'
  const words = encodeURIComponent(search)
  const tests = useGroup<FoundTestcase>(`/tests/?search=${words}&ordering=-last_run`, tab === 'tests')
  const reasons = useGroup<FoundReason>(`/tests/reasons/?search=${words}`, tab === 'reasons')
  const jobs = useGroup<Job>(
    `/jobs/?search=${words}&ordering=-time&omit=tests,activities&include=outcomes`,
    tab === 'jobs',
  )
  const isShown = (group: Group) => tab === 'all' || tab === group
  const hits = [
    ...(isShown('tests') ? (tests.data?.results ?? []) : []).map((hit) => ({
      id: testcaseId(hit),
      href: paths.testcase(hit),
    })),
    ...(isShown('reasons') ? (reasons.data?.results ?? []) : []).map((hit) => ({
      id: reasonId(hit),
      href: paths.test(hit.last_run.job, hit.last_run.test),
    })),
    ...(isShown('jobs') ? (jobs.data?.results ?? []) : []).map((hit) => ({
      id: jobId(hit),
      href: paths.job(hit.id),
    })),
  ]
  const selected = useRowNavigation({
    count: tab === 'runs' ? 0 : hits.length,
    idOf: (index) => hits[index]?.id,
    open: (index) => route(hits[index]?.href ?? ''),
  })
  const isSelected = (id: string) => hits[selected]?.id === id
  const allHref = (group: Group) => (tab === group ? undefined : searchHref(search, group))
  return (
    <>
      <Tabs
        label="Groups"
        current={tab}
        resets={['page', 'cursor', 'template']}
        tabs={[
          { name: 'all', label: 'All' },
          { name: 'tests', label: 'Tests', count: tests.data?.count },
          { name: 'reasons', label: 'Fail reasons', count: reasons.data?.count },
          { name: 'jobs', label: 'Jobs', count: jobs.data?.count },
          { name: 'runs', label: 'Runs' },
        ]}
      />
      {isShown('tests') && (
        <GroupPanel
          title="Tests"
          allHref={allHref('tests')}
          resource={tests}
          pageSize={PAGE_SIZE}
          nothing="No test has these words in its name, and none failed with them."
          hit={(hit) => (
            <TestcaseHit
              key={testcaseId(hit)}
              hit={hit}
              search={search}
              isSelected={isSelected(testcaseId(hit))}
            />
          )}
        />
      )}
      {isShown('reasons') && (
        <GroupPanel
          title="Fail reasons"
          allHref={allHref('reasons')}
          resource={reasons}
          pageSize={PAGE_SIZE}
          nothing="No fail reason has these words."
          hit={(hit) => (
            <ReasonHit key={reasonId(hit)} hit={hit} search={search} isSelected={isSelected(reasonId(hit))} />
          )}
        />
      )}
      {isShown('jobs') && (
        <GroupPanel
          title="Jobs"
          allHref={allHref('jobs')}
          resource={jobs}
          pageSize={PAGE_SIZE}
          nothing="No job has these words in its description or id."
          hit={(hit) => (
            <JobHit key={jobId(hit)} hit={hit} search={search} isSelected={isSelected(jobId(hit))} />
          )}
        />
      )}
      {tab === 'runs' && <FoundRunsPanel search={search} />}
    </>
  )
}
