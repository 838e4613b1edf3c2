package output_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"

	"github.com/browseract/browseract-mcp/tools/output"
)

// sample is a text and how far above its true count an estimate may be; 0 means
// that only too low an estimate is wrong.
type sample struct {
	name, text string
	ratio      float64
}

func TestTokensAreNeverFewerThanTheTrueCount(t *testing.T) {
	t.Parallel()
	codec, err := tokenizer.Get(tokenizer.O200kBase)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range tokenSamples() {
		ids, _, err := codec.Encode(s.text)
		if err != nil {
			t.Fatal(err)
		}
		got, want := output.Tokens(s.text), len(ids)
		ratio := float64(got) / float64(want)
		if got < want || s.ratio > 0 && ratio > s.ratio {
			t.Errorf("%s: Tokens = %d, true count %d (ratio %.2f, want 1 to %.2f)", s.name, got, want, ratio, s.ratio)
		}
	}
}

func TestTokensOfPartsAreNoFewerThanOfTheWhole(t *testing.T) {
	t.Parallel()
	for _, s := range tokenSamples() {
		text := s.text[:min(len(s.text), 300)]
		whole := output.Tokens(text)
		for i := range len(text) {
			if parts := output.Tokens(text[:i]) + output.Tokens(text[i:]); parts < whole {
				t.Fatalf("%s: %q and %q are %d tokens apart, %d together", s.name, text[:i], text[i:], parts, whole)
			}
		}
	}
}

// tokenSamples is ordinary text, whose estimates should be near, and every kind
// of text that a vocabulary is bad at.
func tokenSamples() []sample {
	samples := []sample{
		{"English", english, 1.6},
		{"brand names", brandNames, 1.6},
		{"addresses", webAddresses, 1.6},
		{"HTML", pageSource, 1.6},
		{"Markdown", markdownPage, 1.6},
		{"rows of JSON", jsonRows("", 100), 1.6},
		{"indented JSON", jsonRows("  ", 100), 1.6},
		{"CSV", csvRows(100), 1.6},
		{"emoji", strings.Repeat("🔥🔥 SALE 50% 🎉 👉 link 😍❤️👍🏽 👨‍👩‍👧 🇩🇪 ⭐⭐⭐⭐⭐ ✅ 🚚💨 ☀️🌧️ ", 10), 0},
	}
	return slices.Concat(samples, foreignSamples(), randomSamples())
}

func randomSamples() []sample {
	random := rand.New(rand.NewPCG(1, 2))
	var samples []sample
	add := func(name, text string) { samples = append(samples, sample{name, text, 0}) }
	for _, source := range []struct{ name, alphabet string }{
		{"digits", "0123456789"},
		{"hexadecimal", "0123456789abcdef"},
		{"letters", "abcdefghijklmnopqrstuvwxyz"},
		{"capitals", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"usual letters", "eeeettaaooiinnsshhrrddlluucmfwgypbvk"},
		{"base 36", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"words", "abcdefghijklmnopqrstuvwxyz      "},
		{"numbers", "0123456789,,, "},
		{"marks", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"},
		{"marks of JSON", `"{}[],:`},
		{"white space", " \n\t"},
		{"printable ASCII", asciiPrintable()},
	} {
		add(source.name, randomText(random, []rune(source.alphabet), 8000))
	}
	for _, script := range []struct{ first, last rune }{
		{0x00a1, 0x00ff},
		{0x0100, 0x024f},
		{0x0391, 0x03c9},
		{0x0410, 0x044f},
		{0x05d0, 0x05ea},
		{0x0620, 0x064a},
		{0x0905, 0x0939},
		{0x0e01, 0x0e2e},
		{0x1ea0, 0x1ef9},
		{0x2010, 0x2027},
		{0x2190, 0x27bf},
		{0x3041, 0x30fa},
		{0x3400, 0x4dbf},
		{0x4e00, 0x9fff},
		{0xac00, 0xd7a3},
		{0xe000, 0xf8ff},
		{0xff01, 0xff5e},
		{0x1f1e6, 0x1f1ff},
		{0x1f300, 0x1f64f},
		{0x1f900, 0x1f9ff},
		{0x20000, 0x2a6df},
		{0x0080, 0xd7ff},
		{0x0020, 0x10ffff},
	} {
		add(fmt.Sprintf("U+%04X–U+%04X", script.first, script.last), randomText(random, runesBetween(script.first, script.last), 3000))
	}
	binary := make([]byte, 6000)
	for i := range binary {
		binary[i] = byte(random.Uint32())
	}
	add("base 64", base64.StdEncoding.EncodeToString(binary))
	add("random bytes", string(binary))
	return samples
}

func randomText(random *rand.Rand, alphabet []rune, n int) string {
	text := make([]rune, n)
	for i := range text {
		text[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(text)
}

func runesBetween(first, last rune) []rune {
	var runes []rune
	for r := first; r <= last; r++ {
		if r < 0xd800 || r > 0xdfff {
			runes = append(runes, r)
		}
	}
	return runes
}

func asciiPrintable() string { return string(runesBetween(' ', '~')) }

// jsonRows is an array of products, on one line if indent is empty.
func jsonRows(indent string, n int) string {
	newline, space := "\n", " "
	if indent == "" {
		newline, space = "", ""
	}
	rows := make([]string, n)
	for i := range rows {
		fields := []string{
			fmt.Sprintf(`"id":%s%d`, space, 1000+i),
			fmt.Sprintf(`"title":%s"Stainless steel water bottle, %d ml, keeps drinks cold"`, space, 500+i),
			fmt.Sprintf(`"price":%s%d.99`, space, i),
			fmt.Sprintf(`"url":%s"https://www.example.com/dp/B09XS7JW%02d?ref=sr_1_%d"`, space, i, i),
			fmt.Sprintf(`"inStock":%s%t`, space, i%3 == 0),
			fmt.Sprintf(`"rating":%snull`, space),
		}
		inner := newline + indent + indent
		rows[i] = newline + indent + "{" + inner + strings.Join(fields, ","+inner) + newline + indent + "}"
	}
	return "[" + strings.Join(rows, ",") + newline + "]"
}

func csvRows(n int) string {
	var b strings.Builder
	b.WriteString("name,email,phone,date,address\n")
	for i := range n {
		fmt.Fprintf(&b, "John Smith,john.smith%d@example.com,+1 555-01%02d,2026-0%d-1%d,\"12 Main St, Springfield\"\n", i, i, i%9+1, i%10)
	}
	return b.String()
}

const (
	english = "The hotel is a five minute walk from the beach and has 24 spacious rooms with air conditioning, free parking and a " +
		"breakfast that guests praise in almost every review. Bookings can be cancelled free of charge until 6 pm on the day " +
		"before arrival; after that the first night is charged in full, as the terms on the website say."
	brandNames = "Logitech MX Anywhere 3S, Anker PowerCore 10000 PD Redux, Ugreen Nexode 65W GaN, Baseus Bowie MA10, Soundcore " +
		"Liberty 4 NC, Xiaomi Redmi Buds 5 Pro, Sennheiser Momentum TW3, Philips Sonicare HX9911/09, De'Longhi Magnifica ECAM292.81.B"
	webAddresses = `https://www.shop.example/dp/B09XS7JWHH?psc=1&ref=ppx_yo2ov_dt_b_product_details
https://people.example/in/jane-doe-8a7b6c5d/?originalSubdomain=de
https://maps.example/?cid=10281119596374313554&hl=en&gl=US
https://images.example/p/AF1QipNkzQvXbGm3rW8yT0sLh4JdF6cEa9uRtKqZxVbN=w408-h306-k-no`
	pageSource = `<div class="product-card__title css-1x7abc9" data-testid="product-42"><a href="/p/usb-c-hub-7-in-1" ` +
		`rel="noopener noreferrer" target="_blank">USB-C Hub 7-in-1</a><span class="price-whole">39<span>.</span></span></div>`
	markdownPage = "# Best noise cancelling headphones (2026)\n\n- **XM6**: best overall, $399.99 ([review](https://example.com/xm6))\n" +
		"- **Ultra**: most comfortable\n\n1. Check the fit\n> \"Worth every penny\"\n\n| Model | Price |\n|---|---:|\n| XM6 | 399.99 |\n"
)

func foreignSamples() []sample {
	return []sample{
		{"German", "Die Lieferung der bestellten Waschmaschine verzögert sich um drei Werktage, weil ein Schneesturm den Verkehr behindert.", 0},
		{"Spanish", "El hotel se encuentra a cinco minutos de la playa y ofrece habitaciones amplias con desayuno incluido.", 0},
		{"French", "L'appartement, situé au troisième étage d'un immeuble rénové, dispose d'une cuisine équipée et d'un balcon.", 0},
		{"Polish", "Wszystkie zamówienia złożone przed godziną dwunastą wysyłamy jeszcze tego samego dnia.", 0},
		{"Turkish", "Siparişleriniz aynı gün kargoya verilir ve genellikle iki iş günü içinde adresinize ulaştırılır.", 0},
		{"Finnish", "Tilauksesi toimitetaan kahden arkipäivän kuluessa, ja voit palauttaa tuotteen maksutta.", 0},
		{"Indonesian", "Pesanan Anda akan dikirim dalam waktu dua hari kerja setelah pembayaran dikonfirmasi.", 0},
		{"Vietnamese", "Sản phẩm được giao trong vòng hai ngày làm việc kể từ khi đặt hàng.", 0},
		{"Russian", "Заказ будет доставлен в течение двух рабочих дней после подтверждения оплаты.", 0},
		{"Chinese", "本产品支持七天无理由退货，全国大部分地区两天内送达。请在下单前仔细核对收货地址和联系电话。", 0},
		{"Japanese", "ご注文いただいた商品は、通常二営業日以内に発送いたします。送料は当店が負担いたします。", 0},
		{"Korean", "주문하신 상품은 결제 확인 후 영업일 기준 이틀 이내에 발송됩니다.", 0},
		{"Arabic", "يتم توصيل الطلبات خلال يومي عمل من تأكيد الدفع.", 0},
		{"Hindi", "आपका ऑर्डर भुगतान की पुष्टि के बाद दो कार्य दिवसों के भीतर भेज दिया जाएगा।", 0},
		{"Thai", "สินค้าจะถูกจัดส่งภายในสองวันทำการหลังจากยืนยันการชำระเงิน", 0},
	}
}
