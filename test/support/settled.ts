// Waits for what a server derives from runs in the background.

import { refresh } from '../../src/analysis/series/refresh'
import type { Client } from './client'
import type { TestServer } from './server'

/** Analyses all runs that changed. A server of a test does it only when it is told. */
export async function settle({ services }: Pick<TestServer, 'services'>): Promise<void> {
  await refresh(services)
}

/** Waits until a server that runs by itself has analysed all that it got. From then on it writes nothing by itself. */
export async function untilAnalysed(client: Client): Promise<void> {
  while ((await client.get('/regressions/?page_size=1')).body.incomplete !== undefined) await Bun.sleep(20)
}
