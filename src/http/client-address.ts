// Where a request comes from.

/** Asked for late, because few requests are told apart by that. */
type Address = () => string | undefined

const addresses = new WeakMap<Request, Address>()

export function noteAddress(request: Request, address: Address): void {
  addresses.set(request, address)
}

/** For a request that takes the place of another one. */
export function passAddress(from: Request, to: Request): void {
  const address = addresses.get(from)
  if (address) addresses.set(to, address)
}

/** The address of who sent a request; `-` where nothing is known. */
export function addressOf(request: Request): string {
  // An IPv4 address that came to a socket of both kinds is one still.
  return (
    addresses
      .get(request)?.()
      ?.replace(/^::ffff:(?=\d+\.)/, '') ?? '-'
  )
}
