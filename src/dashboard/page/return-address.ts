// Where somebody goes on after signing in. The address says it, and anybody may have written that.

/**
 * The address `wanted` where it is one below `base`; undefined for any other: nobody is led on to elsewhere.
 *
 * @param base  such as `/dashboard`
 */
export function returnAddress(wanted: string | undefined, base: string): string | undefined {
  // Of a host that is none, so that an address with a host of its own is told from one without.
  const nowhere = 'http://nowhere.invalid'
  if (wanted === undefined || !URL.canParse(wanted, nowhere)) return undefined
  const { origin, pathname, search, hash } = new URL(wanted, nowhere)
  const isBelow = origin === nowhere && (pathname === base || pathname.startsWith(`${base}/`))
  return isBelow ? pathname + search + hash : undefined
}
