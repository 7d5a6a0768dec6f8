export function LogView(_: { url: string; size: number }) {
  return null
}
