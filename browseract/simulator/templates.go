package simulator

import (
	"slices"
	"strings"
)

// templates are the official ones: six that exist, with their real ids and inputs, and
// invented ones.
func templates() []Template {
	maps := template("77577579210625331", "Google Maps Businesses",
		"Finds businesses on Google Maps by keywords, with rating, address, phone number and website.",
		"keywords! language country", "")
	maps.Scenario = mapsScenario()
	return slices.Concat([]Template{
		maps,
		template("77638424152140851", "Google News", "Collects news about a subject from Google News.",
			"Search_Keywords! Publish_date Datelimit", "title source published url"),
		template("77670107419143475", "Amazon Products", "Searches Amazon for products with price, rating and number of reviews.",
			"KeyWords! Brand Maximum_number_of_page_turns language", "title brand price rating reviews url"),
		template("77814333389670716", "Amazon ASIN Lookup", "Reads one Amazon product by its ASIN.",
			"ASIN!", "title brand price rating reviews in_stock url"),
		template("85961818557645714", "Web Search", "Reads the result page of a web search.",
			"target_url!", "position title snippet url"),
		template("90284769428414983", "GitHub Contributors", "Finds repositories on GitHub and who contributes to them.",
			"KeyWords! stars updated Page_Turns date_limit_per_page", "repository contributor contributions stars profile_url"),
	}, inventedTemplates())
}

// mapsScenario is the run that the demo shows.
func mapsScenario() Scenario {
	sc := scenario(6, 84, 31, Output{Generate: businesses},
		"Open Google Maps",
		"Search for {keywords}",
		"Scroll the list until no more businesses appear",
		"Open each business and read its details",
		"Visit websites for missing phone numbers",
		"Write the rows as JSON",
	)
	for i, evaluation := range []string{
		"", "Success - Google Maps is open.", "Success - The list of results is shown.", "Success - 20 businesses are listed.",
		"Success - 20 businesses were read, 3 of them without a phone number.", "Success - All phone numbers were found.",
	} {
		sc.Steps[i].Evaluation = evaluation
	}
	return sc
}

// template returns a template that writes rows with these columns.
func template(id, name, description, inputs, columns string) Template {
	return Template{
		ID: id, Name: name, Description: description, Recommend: description,
		Inputs: declare(strings.Fields(inputs)...),
		Scenario: scenario(5, 75, 33, table(25, strings.Fields(columns)...),
			"Open the website", "Search", "Read the list of results", "Open each result and read its details", "Write the rows"),
	}
}

func inventedTemplates() []Template {
	var list []Template
	for _, t := range []struct{ name, description, inputs, columns string }{
		{"Google Maps Reviews", "Reads the reviews of one place on Google Maps.", "place_url! sort_by max_reviews", "author rating date text"},
		{"Google Shopping Prices", "Compares the offers for a product on Google Shopping.", "product! country", "title seller price rating url"},
		{"Google Scholar Papers", "Finds papers with authors, year and citations.", "query! year_from", "title author date url"},
		{"Google Trends", "Reads how the interest in a term changed.", "term! region period", "date score"},
		{"Bing Results", "Reads the result page of Bing.", "query! pages", "position title snippet url"},
		{"DuckDuckGo Results", "Reads the result page of DuckDuckGo.", "query! pages", "position title snippet url"},
		{"Amazon Reviews", "Reads the reviews of one Amazon product.", "ASIN! star_filter", "author rating date title verified"},
		{"Amazon Best Sellers", "Reads a best-seller list of Amazon.", "category_url!", "rank title price rating reviews url"},
		{"eBay Listings", "Finds listings on eBay with prices and sellers.", "keyword! condition", "title seller price url"},
		{"Walmart Products", "Searches Walmart for products.", "keyword! zip_code", "title brand price rating in_stock url"},
		{"Etsy Listings", "Finds handmade goods on Etsy.", "keyword!", "title seller price reviews url"},
		{"AliExpress Products", "Searches AliExpress for products.", "keyword! ship_to", "title seller price order url"},
		{"Shopify Store Catalog", "Reads every product of a Shopify store.", "store_url!", "title category price in_stock url"},
		{"YouTube Search", "Finds videos by keywords.", "keyword! upload_date", "title author views published url"},
		{"YouTube Comments", "Reads the comments below a video.", "video_url! max_comments", "author likes date text"},
		{"YouTube Transcript", "Reads the transcript of a video.", "video_url! language", "position text"},
		{"TikTok Videos", "Finds videos under a hashtag.", "hashtag!", "title author likes views url"},
		{"Instagram Profile", "Reads the public part of a profile.", "username!", "title likes comments date url"},
		{"X Posts", "Reads public posts about a subject.", "Query! Since Until", "author text likes date url"},
		{"Reddit Posts", "Finds posts and their scores.", "subreddit! sort", "title author score comments url"},
		{"Reddit Comments", "Reads the comments of one post.", "post_url!", "author score date text"},
		{"LinkedIn Jobs", "Finds job offers by title and place.", "job_title! location remote", "title company location posted url"},
		{"Indeed Jobs", "Finds job offers on Indeed.", "what! where", "title company location salary posted url"},
		{"Glassdoor Reviews", "Reads what people say about an employer.", "company!", "title rating date text"},
		{"Zillow Homes", "Finds homes for sale or rent.", "location! max_price", "address price agent url"},
		{"Airbnb Stays", "Finds places to stay.", "location! check_in check_out guests", "title price rating reviews url"},
		{"Booking Hotels", "Finds hotels with prices for a date.", "destination! check_in check_out", "hotel price rating reviews url"},
		{"TripAdvisor Attractions", "Finds what to see in a place.", "city!", "title rating reviews url"},
		{"Yelp Businesses", "Finds businesses on Yelp.", "find_desc! find_loc!", "title category rating reviews phone website"},
		{"Yellow Pages", "Finds businesses with phone numbers.", "search_terms! geo_location_terms!", "title category phone website"},
		{"Crunchbase Company", "Reads the profile of a company.", "company!", "company category date website"},
		{"Product Hunt Launches", "Reads the launches of a day.", "date", "rank title likes url"},
		{"Hacker News Front Page", "Reads the front page with scores.", "", "rank title author score comments url"},
		{"Wikipedia Table", "Reads a table out of an article.", "article_url! table_number", "rank title date"},
		{"Contact Finder", "Finds e-mail addresses and phone numbers on a website.", "website_url! depth", "title phone url"},
	} {
		list = append(list, template("", t.name, t.description, t.inputs, t.columns))
	}
	return list
}
