// Twenty-four views from zoom 0 to 40 at the set's boundary, half of them without any interior.
// They are fixed, so that figures can be compared.
export interface Place {
  name: string
  re: string
  im: string
  zoom: number
  interior: boolean
}

const place = (name: string, re: string, im: string, zoom: number, interior: boolean): Place => ({
  name,
  re,
  im,
  zoom,
  interior,
})

export const VIEWS: readonly Place[] = [
  place('whole set', '-0.5', '0', 0, true),
  place('seahorse valley', '-0.75', '0.1', 5, true),
  place('elephant valley', '0.2925755', '0.0149977', 9, true),
  place('period 3 island', '-1.7548776662466927', '0', 6, true),
  place('upper bulb', '-0.16', '1.04', 6, true),
  place('triple spiral valley', '-0.088', '0.654', 8, true),
  place('scepter valley', '-1.36', '0.005', 8, true),
  place('feigenbaum point', '-1.401155189093314712', '0', 14, true),
  place('seahorse tail minibrot', '-0.743643887037158704752', '0.131825904205311970493', 16, true),
  place('needle island', '-1.985540371654130485531439267191', '0.0', 20, true),
  place('cardioid cusp', '0.25', '0.0000003', 22, true),
  place('double spiral minibrot', '-0.7436447860', '0.1318252536', 24, true),
  place('antenna tip', '-1.999999', '0.0000004', 10, false),
  place('seahorse tail', '-0.7453', '0.1127', 12, false),
  place('misiurewicz 4,1', '-0.1010963638456221', '0.9562865108091415', 12, false),
  place('lightning', '-1.25066', '0.02012', 13, false),
  place('dendrite i', '0', '1', 16, false),
  place('dendrite i, deep', '0', '1', 20, false),
  place('spiral', '0.262070620416157101340705043', '-0.00216815264700656475880373613', 24, false),
  place('branches', '0.360240443437614363236125244449', '-0.641313061064803174860375015179', 30, false),
  place('antenna, deep', '-1.9999999', '0.00000000001', 30, false),
  place('seahorse, deep', '-0.743643887037158704752191506114', '0.131825904205311970493132056385', 38, false),
  place('branches, deep', '0.360240443437614363236125244449', '-0.641313061064803174860375015179', 40, false),
  place('misiurewicz 4,1, deep', '-0.10109636384562216103', '0.95628651080914150771', 40, false),
]
