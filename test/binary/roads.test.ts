// Every road that Avocado's own output takes to the compiled binary, with real output: in any order the same job comes
// out.

import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleFolder, sampleNames, withSampleServer } from '../support/sample-jobs'

const sample = withSampleServer()

/** Every order of the three kinds of input, the directory once by each road. */
const orders = [
  ['journal', 'results.json', 'upload'],
  ['journal', 'tar', 'results.json'],
  ['results.json', 'journal', 'zip'],
  ['results.json', 'tar.gz', 'journal'],
  ['zip', 'journal', 'results.json'],
  ['upload', 'results.json', 'journal'],
]

for (const name of sampleNames) {
  const id = readFileSync(join(sampleFolder(name), 'id'), 'utf8').trim()
  const roadsOf = (order: string[]) =>
    order.filter((road) => road !== 'results.json' || name !== 'killed-sigkill') // that has none

  test(`${name}: every road, in every order, twice, ends in the same job`, async () => {
    const ends: unknown[] = []
    for (const order of orders) {
      for (const road of [...roadsOf(order), ...roadsOf(order)]) await sample.roads[road]?.(name)
      ends.push(await sample.readJob(id))
      const again = await sample.postArchive('tar -cf - .', name)
      const [{ tests, files }] = again.body.jobs
      expect({ status: again.status, tests, files }).toMatchObject({
        status: 200,
        tests: { added: 0, changed: 0 },
        files: { added: 0, changed: 0 },
      })
      expect((await sample.client.delete(`/jobs/${id}/`)).status).toBe(204)
    }
    for (const end of ends) expect(end).toEqual(ends[0])
  })
}
