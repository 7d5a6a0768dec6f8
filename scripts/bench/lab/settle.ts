// Waits until the background of a server has caught up.

import { Database as Sqlite } from 'bun:sqlite'
import type { Running } from '../processes'

const EVERY_MS = 250

/**
 * @param path  of the server's database: whether all jobs have ended is in no answer.
 * @returns the seconds it took
 */
export async function settle({ origin }: Running, path: string): Promise<number> {
  const start = performance.now()
  const sqlite = new Sqlite(path, { readonly: true })
  using open = sqlite.prepare('SELECT 1 FROM job WHERE ended_at IS NULL AND complete = 1 LIMIT 1')
  try {
    for (;;) {
      const reply = await fetch(`${origin}/regressions/?page_size=1`)
      const { incomplete } = (await reply.json()) as { incomplete?: unknown }
      if (incomplete === undefined && open.values().length === 0) break
      await Bun.sleep(EVERY_MS)
    }
  } finally {
    sqlite.close()
  }
  return Math.round((performance.now() - start) / 100) / 10
}
