// Which failures a known issue matches.

import { beforeAll, describe, expect, test } from 'bun:test'
import { matchesGlob } from '../../../src/analysis/known-issues/glob'
import { faultOf, matchesReason } from '../../../src/analysis/known-issues/pattern'
import { withSharedServer } from '../../support/server'
import { settle } from '../../support/settled'

test('a glob matches the whole text', () => {
  const matched = ['boot', 'boot.*', '*boot', 'b??t', '*', 'b*t*.', 'boot*x'].map((glob) => [
    matchesGlob(glob, 'boot'),
    matchesGlob(glob, 'boot.uefi.x'),
  ])
  expect(matched).toEqual([
    [true, false],
    [false, true],
    [true, false],
    [true, false],
    [true, true],
    [false, false],
    [false, true],
  ])
})

test('a glob with many stars takes no longer than its length times that of the text', () => {
  expect(matchesGlob(`${'*a'.repeat(500)}b`, 'a'.repeat(1000))).toBe(false)
})

test('a pattern is RE2: linear, without lookarounds and backreferences, and no larger than 500 instructions', () => {
  expect(['(a|b', '(?=x)', '(x)\\1', 'x{1001}', '(x{50}){50}', '[ab]{400,}[cd]{400}'].map(faultOf)).toEqual([
    'error parsing regexp: missing closing ): `(a|b`',
    'error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    'error parsing regexp: invalid escape sequence: `\\1`',
    'error parsing regexp: invalid repeat count: `{1001}`',
    'error parsing regexp: invalid repeat count: `{50}`',
    'its repetitions make it too large',
  ])
  expect(faultOf('(?i)connection reset by \\S+')).toBeUndefined()
  expect(matchesReason('(?i)connection RESET', 'the Connection reset by peer')).toBe(true)
  expect(matchesReason('(x+x+)+y', 'x'.repeat(4096))).toBe(false)
})

describe('of a lab', () => {
  const server = withSharedServer()

  beforeAll(async () => {
    const { client } = server
    const environments: string[] = []
    for (const version of ['9.1.0', '9.2.0']) {
      const { headers } = await client.post('/testenvironments/', {
        distro: { name: 'fedora', version: '43', release: '', arch: 'x86_64' },
        installed_software_components: [
          { name: 'qemu-kvm', version, release: '1', checksum: '', kind: 'rpm', arch: 'x86_64' },
        ],
      })
      environments.push((headers.get('location') ?? '').split('/').at(-2) as string)
    }
    for (const [at, host] of ['rack7', 'rack8'].entries()) {
      await server.makeJob({
        id: host,
        time: `2026-11-2${at}T10:00:00Z`,
        labels: { host },
        tests: [
          ['1-migrate.basic;disk-ide-q35', 'Guest vm1 did not boot within 240 seconds'],
          ['2-migrate.tls;disk-nvme-q35', 'Guest vm1 did not boot within 60 seconds'],
          ['3-boot', 'Connection reset by peer 10.1.2.3:5900'],
          ['4-silent', undefined],
        ].map(([tag, fail_reason]) => ({
          ...{ tag, status: 'FAIL', environment: environments[at] },
          ...(fail_reason && { fail_reason }),
        })),
      })
    }
    await settle(server)
  })

  const template = 'Guest vm9 did not boot within 5 seconds'
  const all = ['rack8 1', 'rack8 2', 'rack7 1', 'rack7 2']
  for (const [what, rule, matched] of [
    ['a template, given as a fail reason', { template }, all],
    ['a pattern on the reason, with its numbers', { pattern: 'within 2\\d+ sec' }, ['rack8 1', 'rack7 1']],
    ['a pattern in any case', { pattern: '(?i)connection RESET' }, ['rack8 3', 'rack7 3']],
    ['a glob on the name', { template, testcase: 'migrate.b*' }, ['rack8 1', 'rack7 1']],
    ['a glob on name and variant', { template, testcase: '*;*nvme*' }, ['rack8 2', 'rack7 2']],
    ['words of the variant', { template, variant: 'q35 ide' }, ['rack8 1', 'rack7 1']],
    ['a host', { template, host: 'rack8' }, ['rack8 1', 'rack8 2']],
    ['a component from a version on', { template, component: 'qemu-kvm>=9.2' }, ['rack8 1', 'rack8 2']],
    ['an expiry: failures before it', { template, expires: '2026-11-21T00:00:00Z' }, ['rack7 1', 'rack7 2']],
    ['a host that nothing ran on', { template, host: 'rack99' }, []],
    [
      'all conditions at once',
      { template, host: 'rack7', variant: 'nvme', testcase: 'migrate.*' },
      ['rack7 2'],
    ],
  ] as const) {
    test(`by ${what}`, async () => {
      const { client } = server
      const made = await client.post('/known-issues/', { ...rule, report_subject: what })
      expect(made.status).toBe(201)
      await settle(server)
      const path = `/known-issues/${made.body.id}/`
      const { body } = await client.get(`${path}incidents/`)
      const found = body.results.map(
        ({ job, tag }: { job: string; tag: string }) => `${job} ${tag.split('-')[0]}`,
      )
      expect(found).toEqual(matched)
      expect((await client.get(path)).body).toMatchObject({ incidents: matched.length, origin: 'rule' })
      await client.delete(path)
      await settle(server)
      expect((await client.get(path)).status).toBe(404)
    })
  }
})
