// Checks the address that the page opens after signing in. Anybody may have written it into a link.

/**
 * Returns the address `wanted` if it lies below `base`, otherwise undefined: the page leads to no other site.
 *
 * @param base  such as `/dashboard`
 */
export function returnAddress(wanted: string | undefined, base: string): string | undefined {
  // A host that does not exist: only an address that names its own host gets another origin.
  const nowhere = 'http://nowhere.invalid'
  if (wanted === undefined || !URL.canParse(wanted, nowhere)) return undefined
  const { origin, pathname, search, hash } = new URL(wanted, nowhere)
  const isBelow = origin === nowhere && (pathname === base || pathname.startsWith(`${base}/`))
  return isBelow ? pathname + search + hash : undefined
}
