// Waits for what a server derives from runs in the background.

import { refresh } from '../../src/analysis/series/refresh'
import type { TestServer } from './server'

/** Analyses all runs that changed. A server of a test does it only when it is told. */
export async function settle({ services }: Pick<TestServer, 'services'>): Promise<void> {
  await refresh(services)
}
