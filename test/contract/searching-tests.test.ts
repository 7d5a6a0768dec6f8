// /tests/, /tests/runs/ and /tests/reasons/: what each filter lets through, compared with a plain look at what was
// sent.

import { beforeAll, describe, expect, test } from 'bun:test'
import { compareTexts } from '../../src/lib/texts'
import type { Client } from '../support/client'
import { withSharedServer } from '../support/server'

const server = withSharedServer()

const HOUR = 3600_000
const START = Date.UTC(2026, 10, 1)
const hosts = ['rack7', 'rack8', undefined]
const branches = ['main', 'next']
const names = ['io.boot', 'io.reboot', 'net.ping']
const variants = [null, 'disk=ide', 'disk=virtio_scsi']
const reasons = [
  'Guest vm1 did not boot within 240 seconds',
  'Guest vm2 did not boot within 240 seconds',
  'Überlauf: qemu-img check failed with exit status 139',
  'Timed out after 3600 s',
]

interface Sent {
  job: string
  host: string | undefined
  branch: string | undefined
  team: string | undefined
  name: string
  variant: string | null
  status: string
  reason: string | undefined
  time: number
  /** Its number, by which its tag begins. */
  order: number
}

const sent: Sent[] = []
const statuses = ['PASS', 'FAIL', 'ERROR', 'WARN', 'SKIP', 'INTERRUPTED'] as const
const FAILS = new Set(['FAIL', 'ERROR', 'INTERRUPTED'])

beforeAll(async () => {
  for (let number = 0; number < 24; number++) {
    const host = hosts[number % 3]
    const branch = branches[number % 2] as string
    const team = number % 5 === 0 ? 'kvm' : undefined
    // Every third job arrives late: it ran before those that are there.
    const begin = START + (number % 3 === 2 ? number - 20 : number) * HOUR
    const tests = names.flatMap((name, first) =>
      variants.slice(0, 1 + ((number + first) % 3)).map((variant, second) => {
        const status = statuses[(number * 7 + first * 5 + second) % statuses.length] as string
        const reason = FAILS.has(status) ? reasons[(number + first) % reasons.length] : undefined
        const offset = first === 2 ? undefined : (first * 3 + second) * 60_000
        sent.push({
          ...{ job: `job-${number}`, host, branch, team, name, variant, status, reason },
          ...{ time: begin + (offset ?? 0), order: sent.length },
        })
        return {
          tag: `${sent.length}-${name}${variant === null ? '' : `;${variant}`}`,
          status,
          ...(reason && { fail_reason: reason }),
          ...(offset !== undefined && { started: new Date(begin + offset).toISOString() }),
        }
      }),
    )
    const labels = { ...(host && { host }), branch, ...(team && { team }) }
    await server.makeJob({ id: `job-${number}`, time: new Date(begin).toISOString(), labels, tests })
  }
})

/** The tag of each run on all pages, in order. */
async function walk(client: Client, path: string): Promise<string[]> {
  const tags: string[] = []
  for (let next: string | null = path; next !== null; ) {
    const { status, body } = await client.get(next.replace(server.origin, ''))
    expect(status).toBe(200)
    tags.push(...body.results.map(({ tag }: { tag: string }) => tag))
    next = body.next
  }
  return tags
}

const tagOf = ({ order, name, variant }: Sent) =>
  `${order + 1}-${name}${variant === null ? '' : `;${variant}`}`
/** Runs of one moment by job and tag, whichever the server got first. */
const newestFirst = (left: Sent, right: Sent) =>
  right.time - left.time || compareTexts(right.job, left.job) || compareTexts(tagOf(right), tagOf(left))

/** Whether a word, or several in a row, begin words of a text. */
function has(text: string | null | undefined, ...words: string[]): boolean {
  const split = (text ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
  return split.some((_, at) =>
    words.every((word, index) =>
      index === words.length - 1 ? (split[at + index] ?? '').startsWith(word) : split[at + index] === word,
    ),
  )
}

const inTest = (run: Sent, ...words: string[]) => has(run.name, ...words) || has(run.variant, ...words)
const inRun = (run: Sent, ...words: string[]) => inTest(run, ...words) || has(run.reason, ...words)
const failed = ({ status, reason }: Sent) =>
  status === 'FAIL' || status === 'ERROR' || (status === 'INTERRUPTED' && /timed out/i.test(reason ?? ''))
const since = START + 5 * HOUR

const filters: [query: string, fits: (run: Sent) => boolean][] = [
  ['', () => true],
  ['search=boot', (run) => inRun(run, 'boot')],
  ['search=BO', (run) => inRun(run, 'bo')],
  ['search=io guest', (run) => inRun(run, 'io') && inRun(run, 'guest')],
  ['search=net 139', (run) => inRun(run, 'net') && inRun(run, '139')],
  ['search=qemu-img uber', (run) => inRun(run, 'qemu', 'img') && inRun(run, 'uber')],
  ['search=disk%3Dide', (run) => inRun(run, 'disk', 'ide')],
  ['search=nowhere', () => false],
  ['search=%2B%2B', () => true],
  ['name=boot', (run) => has(run.name, 'boot')],
  ['name=io.re', (run) => has(run.name, 'io', 're')],
  ['name=disk', () => false],
  ['variant=disk%3Dide', (run) => has(run.variant, 'disk', 'ide')],
  ['variant=virtio', (run) => has(run.variant, 'virtio')],
  ['suite=io', () => false],
  ['testcase=io.boot', (run) => run.name === 'io.boot'],
  ['testcase=io.boot;disk%3Dide', (run) => run.name === 'io.boot' && run.variant === 'disk=ide'],
  ['testcase=io.boo', () => false],
  ['reason=guest boot', (run) => has(run.reason, 'guest') && has(run.reason, 'boot')],
  ['status=FAIL', ({ status }) => status === 'FAIL'],
  ['status=INTERRUPTED', ({ status }) => status === 'INTERRUPTED'],
  ['status=WARN,SKIP', ({ status }) => status === 'WARN' || status === 'SKIP'],
  ['outcome=failed', failed],
  ['outcome=passed', ({ status }) => status === 'PASS' || status === 'WARN'],
  ['outcome=none', (run) => !failed(run) && run.status !== 'PASS' && run.status !== 'WARN'],
  ['host=rack7', ({ host }) => host === 'rack7'],
  ['host=rack7,rack8', ({ host }) => host !== undefined],
  ['host=!rack7', ({ host }) => host !== 'rack7'],
  ['branch=main', ({ branch }) => branch === 'main'],
  ['label=team:kvm', ({ team }) => team === 'kvm'],
  ['label=team:kvm&label=branch:main', ({ team, branch }) => team === 'kvm' && branch === 'main'],
  ['label=!team', ({ team }) => team === undefined],
  ['job=job-3', ({ job }) => job === 'job-3'],
  ['job=4', ({ job }) => job === 'job-3'],
  [`since=${new Date(since).toISOString()}`, ({ time }) => time >= since],
  [`until=${new Date(since).toISOString()}`, ({ time }) => time < since],
  ['days=23', ({ time }) => time >= Date.UTC(2026, 10, 24, 12) - 23 * 24 * HOUR],
]

describe('/tests/runs/', () => {
  const pairs = filters.flatMap(([left, fitsLeft], index) =>
    filters
      .slice(index + 1)
      .filter(([right]) => !isBoth(left, right))
      .map(
        ([right, fitsRight]) =>
          [`${left}&${right}`, (run: Sent) => fitsLeft(run) && fitsRight(run)] as (typeof filters)[number],
      ),
  )

  test.each(filters)('?%s lists these runs, the newest first', async (query, fits) => {
    const expected = sent.filter(fits).sort(newestFirst).map(tagOf)
    expect(await walk(server.client, `/tests/runs/?${query}&page_size=7`)).toEqual(expected)
  })

  test('filters are combined', async () => {
    for (const [query, fits] of pairs) {
      const expected = sent.filter(fits).sort(newestFirst).map(tagOf)
      const { body } = await server.client.get(`/tests/runs/?${query}&page_size=1000`)
      expect({ query, tags: body.results.map(({ tag }: { tag: string }) => tag) }).toEqual({
        query,
        tags: expected,
      })
    }
  }, 60_000)
})

interface Found {
  testcase: string
  runs: number
  failures: number
  last_run: { job: string } | null
  last_failure: { fail_reason: string | null } | null
}

const testcaseOf = ({ name, variant }: Sent) => (variant === null ? name : `${name};${variant}`)
const newest = (runs: Sent[]) => [...runs].sort(newestFirst)[0]

/** The rows of /tests/ for some runs: a test case is listed if any of its runs fits; its numbers are of `counted`. */
function rowsOf(fits: (run: Sent) => boolean, counted: (run: Sent) => boolean = () => true): Found[] {
  const cases = Map.groupBy(sent, testcaseOf)
  return [...cases]
    .filter(([, runs]) => runs.some(fits))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([testcase, runs]) => {
      const inScope = runs.filter(counted)
      const failure = newest(inScope.filter(failed))
      return {
        testcase,
        runs: inScope.length,
        failures: inScope.filter(failed).length,
        last_run: { job: newest(inScope)?.job ?? '' },
        last_failure: failure ? { fail_reason: failure.reason ?? null } : null,
      }
    })
}

async function rowsAt(path: string): Promise<Found[]> {
  const rows: Found[] = []
  for (let next: string | null = path; next !== null; ) {
    const { status, body } = await server.client.get(next.replace(server.origin, ''))
    expect({ status, count: body.count }).toEqual({ status: 200, count: expect.any(Number) })
    for (const { testcase, runs, failures, last_run, last_failure } of body.results as Found[]) {
      rows.push({
        ...{ testcase, runs, failures },
        last_run: last_run && { job: last_run.job },
        last_failure: last_failure && { fail_reason: last_failure.fail_reason },
      })
    }
    next = body.next
    if (next === null) expect(rows.length).toBe(body.count)
  }
  return rows
}

describe('/tests/', () => {
  const scopes = new Set(['host', 'branch', 'label'])
  const ofTests = filters.filter(
    ([query]) => !/^(status|outcome|job|since|until|days)/.test(query) && !query.includes('&'),
  )

  test.each(ofTests)('?%s lists these test cases with their numbers', async (query, fits) => {
    const isScope = scopes.has(query.split('=')[0] as string)
    expect(await rowsAt(`/tests/?${query}&page_size=3`)).toEqual(rowsOf(fits, isScope ? fits : undefined))
  })

  test('words and conditions on jobs are combined', async () => {
    const onRack = ({ host }: Sent) => host === 'rack7'
    expect(await rowsAt('/tests/?name=ping&variant=ide&host=rack7')).toEqual(
      rowsOf((run) => has(run.name, 'ping') && has(run.variant, 'ide') && onRack(run), onRack),
    )
  })

  test('the newest run, the name and the suite order the list', async () => {
    const order = (rows: Found[]) => rows.map(({ testcase }) => testcase)
    const lastRun = (testcase: string) =>
      newest(sent.filter((run) => testcaseOf(run) === testcase))?.time ?? 0
    const byLastRun = order(await rowsAt('/tests/?ordering=-last_run&page_size=4'))
    expect(byLastRun).toHaveLength(9)
    expect(byLastRun.map(lastRun)).toEqual(byLastRun.map(lastRun).sort((left, right) => right - left))
    const byName = order(rowsOf(() => true))
    expect(order(await rowsAt('/tests/?ordering=-name'))).toEqual(byName.toReversed())
    expect(order(await rowsAt('/tests/?ordering=suite'))).toEqual(byName)
  })

  test('a window leaves out runs, but no test case', async () => {
    const until = START + 4 * HOUR
    const counted = ({ time }: Sent) => time < until && time >= until - 24 * HOUR
    const rows = await rowsAt(`/tests/?name=io.boot&days=1&until=${new Date(until).toISOString()}`)
    const expected = rowsOf((run) => has(run.name, 'io', 'boot'), counted)
    expect(rows.map(({ runs, failures }) => ({ runs, failures }))).toEqual(
      expected.map(({ runs, failures }) => ({ runs, failures })),
    )
  })

  test('a row has the fields of a test case apart, and its newest failure', async () => {
    const { body } = await server.client.get('/tests/?testcase=io.boot;disk%3Dide')
    const failure = newest(sent.filter((run) => testcaseOf(run) === 'io.boot;disk=ide' && failed(run)))
    expect(body.results).toEqual([
      {
        testcase: 'io.boot;disk=ide',
        suite: '',
        name: 'io.boot',
        variant: 'disk=ide',
        runs: expect.any(Number),
        failures: expect.any(Number),
        last_run: expect.objectContaining({ job: expect.any(String), job_number: expect.any(Number) }),
        last_failure: {
          job: failure?.job,
          job_number: Number(failure?.job.slice(4)) + 1,
          test: expect.any(Number),
          time: new Date(failure?.time ?? 0).toISOString().replace('.000', ''),
          status: failure?.status,
          host: failure?.host ?? null,
          branch: failure?.branch,
          fail_reason: failure?.reason,
        },
      },
    ])
  })
})

describe('/tests/reasons/', () => {
  test('each reason is a row with its runs and test cases, the newest first', async () => {
    const { body } = await server.client.get('/tests/reasons/?search=guest bo')
    const expected = reasons.slice(0, 2).map((reason) => {
      const runs = sent.filter((run) => run.reason === reason)
      return {
        fail_reason: reason,
        runs: runs.length,
        tests: new Set(runs.map(testcaseOf)).size,
        last_run: newest(runs)?.time ?? 0,
      }
    })
    expected.sort((left, right) => right.last_run - left.last_run)
    expect(body.count).toBe(2)
    expect(body.results).toEqual(
      expected.map(({ last_run, ...row }) => ({
        ...row,
        template_id: null,
        template: null,
        reasons: 1,
        last_run: expect.objectContaining({
          time: new Date(last_run).toISOString().replace('.000', ''),
          name: expect.any(String),
        }),
      })),
    )
  })

  test('without words all reasons are listed, in pages', async () => {
    const { body } = await server.client.get('/tests/reasons/?page_size=3')
    expect([body.count, body.results.length]).toEqual([reasons.length, 3])
    expect((await server.client.get('/tests/reasons/?page_size=3&page=2')).body.results).toHaveLength(1)
  })
})

describe('a question that cannot be answered is refused', () => {
  test.each<[path: string, status: number, body: object]>([
    [
      '/tests/runs/?cursor=x',
      400,
      { cursor: ['This is no cursor of a list of runs: follow the link `next` of a page.'] },
    ],
    [
      '/tests/runs/?since=2026-11-02T00:00&until=2026-11-01T00:00',
      400,
      { until: ['This is not after the beginning of the range.'] },
    ],
    ['/tests/runs/?since=2026-11-02T00:00&days=3', 400, { days: ['Give since or days, not both.'] }],
    ['/tests/runs/?outcome=good', 400, { outcome: ['"good" is no outcome: use failed, passed or none.'] }],
    ['/tests/runs/?status=GOOD', 400, { status: [expect.stringContaining('"GOOD" is no test status')] }],
    ['/tests/runs/?job=unknown', 404, { detail: 'Not found' }],
    ['/tests/?days=0', 400, { days: ['Ensure this value is greater than or equal to 1.'] }],
    ['/tests/?template=x', 400, { template: ['A valid number is required.'] }],
    [`/tests/?search=${'a '.repeat(17)}`, 400, { search: ['At most 16 words are looked for.'] }],
    ['/tests/?page=99', 404, { detail: 'Not found' }],
  ])('%s', async (path, status, body) => {
    const reply = await server.client.get(path)
    expect({ status: reply.status, body: reply.body }).toEqual({ status, body })
  })
})

/** Two values of one parameter, or of two that exclude each other. */
function isBoth(left: string, right: string): boolean {
  const name = (query: string) => query.split('=')[0] as string
  const [one, other] = [name(left), name(right)]
  const times = ['since', 'days', 'until']
  return (one === other && one !== 'label') || (times.includes(one) && times.includes(other)) || one === ''
}
