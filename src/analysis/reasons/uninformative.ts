// Fail reasons that say nothing about the failure, so that two tests with one of them have nothing in common.

const texts: ReadonlySet<string> = new Set([
  '',
  '<unknown>',
  'Unable to get exception, check the traceback for details.',
  'Test died without reporting the status.',
])

/** @param reason  a fail reason, or its template: masking leaves these texts as they are. */
export function isUninformative(reason: string): boolean {
  return texts.has(reason)
}
