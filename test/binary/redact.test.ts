// redact masks what was stored before secrets were masked: all of it, beside a server, and after a kill in the middle.

import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Glob } from 'bun'
import { FrameWriter } from '../../src/blobs/frames'
import { binary, Folder } from '../support/binary'
import { Client } from '../support/client'

const SECRET = 'http://admin:PASSWORD@lab:9405'
const MASKED = 'http://admin:********@lab:9405'

const sha256 = (bytes: string | Uint8Array) => new Bun.CryptoHasher('sha256').update(bytes).digest()

/** Stores a content as versions before did: as it is. @returns the id of its row */
async function store(place: Folder, sqlite: Sqlite, text: string): Promise<number> {
  const hash = sha256(text)
  const isSmall = text.length <= 16 * 1024
  const insert = sqlite.prepare(
    'INSERT INTO file (hash, size, stored_size, content, created_at) VALUES (?, ?, ?, ?, 0) RETURNING id',
  )
  let storedSize = text.length
  if (!isSmall) {
    const name = Buffer.from(hash).toString('hex')
    const path = join(`${place.database}.files`, name.slice(0, 2), name.slice(2))
    mkdirSync(dirname(path), { recursive: true })
    const frames = await FrameWriter.create(`${path}.part`)
    await frames.add(Buffer.from(text))
    storedSize = await frames.finish()
    renameSync(`${path}.part`, path)
  }
  const { id } = insert.get(hash, text.length, storedSize, isSmall ? Buffer.from(text) : null) as {
    id: number
  }
  insert.finalize()
  return id
}

/** Waits until the background has made templates of all reasons. */
async function analysed(place: Folder): Promise<void> {
  using sqlite = new Sqlite(place.database, { readonly: true })
  const marks = ['stale_job', 'stale_testcase', 'stale_template'].map(
    (table) => `(SELECT count(*) FROM ${table})`,
  )
  const left = `SELECT ${marks.join(' + ')} + (SELECT count(*) FROM fail_reason WHERE template IS NULL) AS count`
  for (;;) {
    if ((sqlite.query(left).get() as { count: number }).count === 0) return
    await Bun.sleep(20)
  }
}

/** A database of before, with secrets in every text and in `files` files of two jobs. */
async function fill(place: Folder, files: number): Promise<void> {
  await place.run(['syncdb', '-v0', '--noinput'])
  const server = await place.serve(['--open'])
  const client = new Client(server.origin)
  const time = '2026-11-23T18:20:17Z'
  for (const id of ['a1', 'b2']) {
    const { status } = await client.post('/jobs/', {
      id,
      description: 'DESCRIPTION nightly',
      labels: { host: `HOST ${id}`, branch: 'BRANCH', tag: ['TAG', `TAG ${id}`] },
      activities: [{ activity: `ACTIVITY ${id}`, time }],
      tests: ['ONE', 'TWO'].map((tag) => ({
        tag: `1-curl ${tag};v`,
        status: 'FAIL',
        fail_reason: `REASON ${id}`,
        activities: [{ activity: 'STARTED', time }],
        data: [{ key: 'KEY', value: 'VALUE' }],
      })),
    })
    expect(status).toBe(201)
    await client.post(`/jobs/${id}/data/`, { key: 'url', value: 'VALUE' })
  }
  // What came masked meanwhile, and is the same when the former is masked.
  await client.post('/jobs/a1/tests/', { tag: '9-x', status: 'FAIL', fail_reason: `REASON ${SECRET}` })
  await client.post('/softwarecomponents/', {
    name: 'pkg',
    version: 'URL',
    release: '',
    checksum: '',
    kind: 'unknown',
    arch: 'unknown',
  })
  await analysed(place)
  await server.stop()
  const sqlite = new Sqlite(place.database)
  sqlite.run(
    "UPDATE job SET description = ?, host_source = 3, reported_host = CASE id WHEN 'a1' THEN 'http://r:PASSWORD@lab' ELSE 'http://r:PASSWORT@lab' END",
    [`nightly of ${SECRET}`],
  )
  sqlite.run("UPDATE activity_name SET text = replace(text, 'ACTIVITY', ?)", [SECRET])
  sqlite.run(
    "UPDATE testcase SET text = replace(replace(text, 'ONE', 'http://a:ONE@h'), 'TWO', 'http://a:TWO@h')",
  )
  sqlite.run("UPDATE fail_reason SET text = replace(text, 'REASON a1', ?) WHERE text LIKE 'REASON a1'", [
    `REASON ${SECRET}`,
  ])
  sqlite.run("UPDATE fail_reason SET text = replace(text, 'REASON b2', ?) WHERE text LIKE 'REASON b2'", [
    `other ${SECRET}`,
  ])
  for (const [index, columns, rows] of [
    ['job_search', 'id, number, description', 'SELECT number, id, number, description FROM job'],
    [
      'testcase_search',
      'suite, name, variant',
      'SELECT id, suite, substr(text, 1, length(text) - ifnull(length(variant) + 1, 0)), variant FROM testcase',
    ],
    ['reason_search', 'text', 'SELECT id, text FROM fail_reason'],
  ]) {
    sqlite.run(`INSERT INTO ${index} (${index}) VALUES ('delete-all')`)
    sqlite.run(`INSERT INTO ${index} (rowid, ${columns}) ${rows}`)
  }
  // As an upgrade makes them of such labels, reports and reasons.
  sqlite.run("UPDATE job_label SET value = ? WHERE key = 'branch'", [SECRET])
  sqlite.run('UPDATE branch SET name = ?', [SECRET])
  for (const [id, password] of Object.entries({ a1: 'PASSWORD', b2: 'PASSWORT' })) {
    const name = `http://rack:${password}@lab`
    sqlite.run('UPDATE job_label SET value = ? WHERE value = ?', [name, `HOST ${id}`])
    sqlite.run('UPDATE host SET name = ? WHERE name = ?', [name, `HOST ${id}`])
  }
  for (const [tag, password] of Object.entries({ TAG: 'PASSWORD', 'TAG b2': 'PASSWORT' })) {
    sqlite.run('UPDATE job_label SET value = ? WHERE value = ?', [`http://t:${password}@h`, tag])
  }
  const template = 'REASON http://admin:PASSWORD@lab'
  sqlite.run('UPDATE template SET text = ?, hash = ?', [template, sha256(template)])
  // A test that failed since had the reason masked.
  const after = template.replace('PASSWORD', '********')
  sqlite.run('INSERT INTO template (text, hash) VALUES (?, ?)', [after, sha256(after)])
  sqlite.run("UPDATE test SET prefix = 'http://b:PASSWORD@h-1-' WHERE prefix = '1-'")
  for (const table of ['job_data', 'test_data']) {
    sqlite.run(`UPDATE ${table} SET value = ?, category = ?, key = replace(key, 'KEY', ?)`, [
      `url: ${SECRET}`,
      `of ${SECRET}`,
      SECRET,
    ])
  }
  sqlite.run('UPDATE component SET version = ?', [SECRET])
  for (const table of ['component_kind', 'arch'])
    sqlite.run(`UPDATE ${table} SET name = ? WHERE name = 'unknown'`, [SECRET])
  sqlite.run(
    "INSERT INTO audit (at, until, times, user, name, address, action, object, detail) VALUES (?1, ?1, 1, NULL, 'lab', '-', 'host-renamed', ?2, ?3)",
    [Date.now() * 1000, `host ${SECRET}`, `to ${SECRET}, 1 jobs`],
  )
  const name = sqlite.prepare('INSERT INTO job_file (job, path, file) VALUES (?, ?, ?)')
  for (let file = 0; file < files; file++) {
    const size = file % 3 === 0 ? 60_000 : 100
    const id = await store(place, sqlite, `${file} ${'x'.repeat(size)} ${SECRET}\n`)
    for (const job of [1, 2]) name.run(job, `log-${file}`, id)
  }
  const clean = await store(place, sqlite, 'named after its address\n')
  for (const password of ['PASSWORD', 'PASSWORT']) name.run(1, `fetch http://f:${password}@lab`, clean)
  for (const { id } of sqlite.query('SELECT id FROM test WHERE job = 2').all() as { id: number }[]) {
    sqlite.run('INSERT INTO test_file (test, path, file) VALUES (?, ?, ?)', [id, `log ${SECRET}`, clean])
  }
  name.run(1, 'clean', await store(place, sqlite, 'y'.repeat(50_000)))
  name.finalize()
  sqlite.close()
  writeFileSync(`${place.database}.before-9`, '')
}

/** All that the server shows of its jobs. */
async function everything(client: Client): Promise<string> {
  const texts: string[] = []
  for (const job of await client.all('/jobs/')) {
    texts.push(JSON.stringify([job, await client.all(`/jobs/${job.id}/data/`)]))
    for (const { url, path } of await client.all(`/jobs/${job.id}/files/`)) {
      texts.push(path)
      texts.push(Buffer.from(await client.bytes(new URL(url).pathname)).toString())
    }
    for (const test of await client.all(`/jobs/${job.id}/tests/?include=details`)) {
      const place = `/jobs/${job.id}/tests/${test.id}/`
      texts.push(
        JSON.stringify([
          test,
          await client.all(`${place}data/`),
          await client.all(`${place}activities/`),
          await client.all(`${place}files/`),
        ]),
      )
    }
  }
  for (const path of [
    '/softwarecomponents/',
    '/softwarecomponentkinds/',
    '/softwarecomponentarches/',
    '/tests/reasons/',
  ]) {
    texts.push(JSON.stringify(await client.all(path)))
  }
  for (const path of ['/labels/', '/labels/host/', '/labels/branch/', '/matrix/', '/triage/']) {
    texts.push(JSON.stringify(await client.get(path)))
  }
  return texts.join('\n')
}

const SECRETS = /PASSWOR[DT]|http:\/\/a:(ONE|TWO)@h/

test('everything is masked beside a running server, the same again finds nothing, and the database is sound', async () => {
  using place = new Folder()
  await fill(place, 12)
  await using server = await place.serve(['--open'])
  const client = new Client(server.origin)
  expect(await everything(client)).toMatch(SECRETS)

  const dry = await place.run(['redact', '--dry-run'])
  const counts =
    '2 descriptions, 2 activities, 2 names of tests, 4 beginnings of tags, 2 fail reasons, 2 data of jobs, 4 data of tests, 1 kinds of components, 1 architectures, 1 components, 2 names of hosts, 1 names of branches, 2 lists of labels, 2 reported hosts, 1 lists of files of jobs, 2 lists of files of tests, 1 entries of the audit log, 1 templates of fail reasons, 12 files'
  expect(dry).toEqual({ code: 0, stdout: `Would be masked: ${counts}.\n`, stderr: '' })
  expect(await everything(client)).toMatch(SECRETS)

  const { code, stdout, stderr } = await place.run(['redact'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: `Masked: ${counts}.\n` })
  expect(stderr).toBe(
    'Backups that were made before hold what they held: make a new one, and delete those. So do these beside the database: avocadoserver.sqlite.before-9.\n',
  )
  const after = await everything(client)
  expect(after).not.toMatch(SECRETS)
  expect(after).toContain(`nightly of ${MASKED}`)
  expect(
    (await client.get('/jobs/a1/tests/')).body.results.map(({ tag }: { tag: string }) => tag).sort(),
  ).toEqual([
    '9-x',
    'http://b:********@h-1-curl http://a:***@h;v',
    'http://b:********@h-1-curl http://a:***@h;v#2',
  ])
  expect((await client.get('/jobs/?search=PASSWORD')).body.count).toBe(0)
  expect((await client.get('/jobs/?search=nightly lab')).body.count).toBe(2)
  expect((await place.run(['redact'])).stdout).toBe('There is nothing to mask.\n')
  await server.stop()
  expect(await place.run(['check', '--files'])).toMatchObject({ code: 0, stderr: '' })
  // Not in what is left of the pages, either; the contents of before are gone from the disk.
  expect(readFileSync(place.database).includes('PASSWOR')).toBe(false)
  // Nor in the indexes of words, in small letters; a word begins where it differs from the one before.
  const sqlite = new Sqlite(place.database, { readonly: true })
  for (const index of ['job_search', 'testcase_search', 'reason_search']) {
    const text = `SELECT count(*) AS found FROM ${index}_data WHERE instr(block, CAST('ssword' AS BLOB)) > 0`
    const found = sqlite.query(text).get()
    expect({ index, found }).toEqual({ index, found: { found: 0 } })
  }
  // Two hosts have one name now: the jobs of both are on one of them. So have two tags. The templates have one text.
  const texts = (query: string) => sqlite.query(query).values().flat()
  expect({
    labels: texts('SELECT value FROM job_label ORDER BY job, key, value'),
    reported: texts('SELECT reported_host FROM job ORDER BY number'),
    hosts: texts('SELECT host.name FROM job JOIN host ON host.id = job.host ORDER BY number'),
    branches: texts('SELECT name FROM branch'),
    templates: texts('SELECT text FROM template'),
    files: texts("SELECT path FROM job_file WHERE path LIKE 'fetch%' ORDER BY path"),
    audit: texts("SELECT object || ' ' || detail FROM audit WHERE action = 'host-renamed'"),
    kinds: texts("SELECT name FROM component_kind WHERE name LIKE 'http%'"),
    arches: texts("SELECT name FROM arch WHERE name LIKE 'http%'"),
  }).toEqual({
    labels: [
      ...[MASKED, 'http://rack:********@lab', 'TAG a1', 'http://t:********@h'],
      ...[MASKED, 'http://rack:********@lab', 'http://t:********@h'],
    ],
    reported: ['http://r:********@lab', 'http://r:********@lab'],
    hosts: ['http://rack:********@lab', 'http://rack:********@lab'],
    branches: [MASKED],
    templates: ['REASON http://admin:********@lab', 'REASON http://admin:********@lab'],
    files: ['fetch http://f:********@lab', 'fetch http://f:********@lab#2'],
    audit: [`host ${MASKED} to ${MASKED}, 1 jobs`],
    kinds: [MASKED],
    arches: [MASKED],
  })
  sqlite.close()
  const stored = [...new Glob('*/*').scanSync(`${place.database}.files`)]
  expect(stored).toHaveLength(5)
}, 60_000)

test('killed in the middle, again and again, it goes on, and the database is sound', async () => {
  using place = new Folder()
  await fill(place, 400)
  const sqlite = new Sqlite(place.database)
  const left = () => {
    const { count } = sqlite
      .query('SELECT count(*) AS count FROM file WHERE instr(content, ?)')
      .get('PASSWORD') as { count: number }
    return count
  }
  let kills = 0
  for (let limit = left() - 60; limit > 0; limit -= 70) {
    const child = Bun.spawn([binary(), 'redact'], { cwd: place.path, stdout: 'ignore', stderr: 'ignore' })
    while (left() > limit && child.exitCode === null) await Bun.sleep(1)
    if (child.exitCode !== null) break
    child.kill('SIGKILL')
    await child.exited
    kills++
  }
  expect(kills).toBeGreaterThan(1)
  expect(left()).toBeGreaterThan(0)
  sqlite.close()
  expect(await place.run(['redact'])).toMatchObject({ code: 0 })
  expect(await place.run(['check', '--files'])).toMatchObject({ code: 0, stderr: '' })
  await using server = await place.serve(['--open'])
  expect(await everything(new Client(server.origin))).not.toMatch(SECRETS)
}, 120_000)
