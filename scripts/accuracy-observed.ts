// Measures the arithmetic of flakiness and of fail reasons alone, on runs and reasons that somebody has observed, of which
// the truth is known. Without a server hundreds of labs take seconds.
//
//   bun scripts/accuracy-observed.ts FILE...
//
// A line of a file is a lab in JSON:
//   tests: [{truly, rate, series: [[[failed, environment], ...], ...], ref: [flaky, rate]}]
//   reasons: [[cause, text, host, group by the reference], ...]
// `ref` and the group are what another implementation says, which stands beside ours.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { flakinessOf } from '../src/analysis/flakiness/two-state'
import { findHoles } from '../src/analysis/reasons/holes'
import { maskReason } from '../src/analysis/reasons/mask'
import { isUninformative } from '../src/analysis/reasons/uninformative'
import { LabelScore, PairScore, rounded } from './accuracy/scores'

interface Observed {
  kind?: string
  seed?: number
  tests?: {
    truly: boolean
    rate: number
    series: [failed: number, environment: number | null][][]
    ref: [flaky: boolean, rate: number]
  }[]
  reasons?: [cause: string | number, text: string, host: string | null, group: string][]
}

const scores = {
  flaky: { ours: new LabelScore(), reference: new LabelScore() },
  reasons: { ours: new PairScore(), reference: new PairScore() },
}
let labs = 0

for (const file of process.argv.slice(2)) {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line === '') continue
    const lab = JSON.parse(line) as Observed
    labs++
    for (const { truly, rate, series, ref } of lab.tests ?? []) {
      const told = flakinessOf(
        series.map((runs) => runs.map(([failed, environment]) => ({ failed: failed === 1, environment }))),
      )
      scores.flaky.ours.add(told.flaky, truly, { told: told.rate, truth: rate })
      scores.flaky.reference.add(ref[0], truly, { told: ref[1], truth: rate })
    }
    if (!lab.reasons) continue
    const groups = groupsOf(lab.reasons)
    scores.reasons.ours.add(lab.reasons.map(([truth], at) => ({ truth, told: groups[at] ?? '' })))
    scores.reasons.reference.add(lab.reasons.map(([truth, , , told]) => ({ truth, told })))
  }
}

/** The cluster of each reason, as the server makes them. */
function groupsOf(reasons: NonNullable<Observed['reasons']>): string[] {
  const texts = new Map<string, Set<string>>()
  const templates = reasons.map(([, text, host]) => {
    const template = maskReason(text, host)
    if (!isUninformative(text)) texts.set(template, (texts.get(template) ?? new Set()).add(text))
    return template
  })
  const parents = findHoles([...texts].map(([text, of]) => ({ text, reasons: of.size })))
  return templates.map((template) => parents.get(template) ?? template)
}

console.log(`${labs} labs`)
for (const [what, { ours, reference }] of Object.entries(scores)) {
  console.log(what)
  console.table({ ours: rounded(ours.numbers), reference: rounded(reference.numbers) })
}
