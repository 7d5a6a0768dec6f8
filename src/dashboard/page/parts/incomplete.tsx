// Says that an answer of the analysis misses something, and for how long.

import type { TestHistory } from '../api'
import { formatCount } from '../format'

/** Nothing where the answer is complete. */
export function IncompleteNote({ incomplete }: { incomplete: TestHistory['incomplete'] | undefined }) {
  if (incomplete === undefined) return null
  return (
    <p class="muted" role="status">
      {incomplete === true
        ? 'Results that came in a moment ago are still being counted.'
        : `This server was upgraded, and counts what it has: ${formatCount(incomplete.done)} of ${formatCount(incomplete.of)} tests so far. Until then nothing here is certain.`}
    </p>
  )
}
