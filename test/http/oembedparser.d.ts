// the package has types, but does not export them
declare module 'oembed-parser' {
  export function extract(url: string, params: object, options: object): Promise<object>
  export function setProviderList(providers: object[]): number
}
