package demo

import (
	"math"
	"slices"
	"strings"
)

// The names of People: a head of common ones, the demo's first, and a long tail put together from
// parts of the same language. None is taken from a published list and none belongs to a person we know.

// lexicon is names with cumulative weights: few are common, most are rare.
type lexicon struct {
	names      []string
	cumulative []float64
}

// newLexicon weighs the name at rank r with 1/(r+flat)^steep.
func newLexicon(names []string, flat, steep float64) lexicon {
	seen := map[string]bool{}
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool {
		again := seen[s]
		seen[s] = true
		return again || len(s) < 2
	})
	l := lexicon{names: names, cumulative: make([]float64, len(names))}
	sum := 0.0
	for r := range names {
		sum += math.Pow(float64(r)+flat, -steep)
		l.cumulative[r] = sum
	}
	for r := range names {
		l.cumulative[r] /= sum
	}
	return l
}

// at returns the name at u, from 0 to 1.
func (l lexicon) at(u float64) string {
	i, _ := slices.BinarySearch(l.cumulative, u)
	return l.names[min(i, len(l.names)-1)]
}

// origin is where a family's names come from.
type origin struct {
	name                          string
	percent                       int
	care                          float64 // how much worse its records are than others
	compound                      float64 // percent of children with two surnames
	english                       float64 // percent of children with an English given name
	girls, boys, mothers, fathers lexicon
	surnames                      lexicon
	middleGirl, middleBoy         string // a middle name that most have
	french, isTransliterated      bool
	renamed                       float64 // percent of children who have had another surname
	townPercent, communityPercent int     // instead of percent: in small towns, in its own communities
}

// parts make names: each start with each end.
type parts struct{ starts, ends string }

func (p parts) all() []string {
	var out []string
	starts, ends := words(p.starts), words(p.ends)
	// Diagonals mix starts and ends, so that neighbours in rank do not look alike.
	for d := range len(starts) * len(ends) {
		s, e := d%len(starts), (d/len(starts)+d*7)%len(ends)
		out = append(out, join(starts[s], ends[e]))
	}
	return out
}

// join leaves out a letter that would stand there three times, or a vowel twice.
func join(start, end string) string {
	last := start[len(start)-1]
	if end[0] == last && (strings.IndexByte("aeiouy", last) >= 0 || len(start) > 1 && start[len(start)-2] == last) {
		end = end[1:]
	}
	if last == '-' {
		end = strings.ToUpper(end[:1]) + end[1:]
	}
	return start + strings.ReplaceAll(end, "_", "")
}

// tailed puts behind the head other spellings of its names, longer forms of them (Nathan, Nathaniel)
// and then the made ones.
func tailed(head string, made parts) []string {
	names, ends := words(head), words(made.ends)
	out := slices.Clone(names)
	for i, n := range made.all() {
		if i < len(names) {
			stem := strings.TrimRight(names[i], "aeiouyéèë")
			out = append(out, respelt(names[i], i))
			if end := ends[i*5%len(ends)]; !strings.HasSuffix(stem, end) {
				out = append(out, join(stem, end))
			}
		}
		out = append(out, n)
	}
	return out
}

// origins are shares of a province; towns and communities shift them.
func origins() []origin {
	head := map[string]culture{}
	for _, c := range cultures() {
		head[c.name] = c
	}
	with := func(list []string, more string) string { return strings.Join(list, " ") + " " + more }
	given := func(list []string, more string, tail parts) lexicon {
		return newLexicon(tailed(with(list, more), tail), 9, 1.22)
	}
	surname := func(list []string, more string, tail parts, flat, steep float64) lexicon {
		return newLexicon(tailed(with(list, more), tail), flat, steep)
	}
	e, f, s, z, n, a := head["english"], head["french"], head["south asian"], head["chinese"], head["indigenous"], head["newcomer"]
	girls := given(words(nearGirls), with(e.girls, moreGirls), girlParts)
	boys := given(words(nearBoys), with(e.boys, moreBoys), boyParts)
	return []origin{
		{name: "english", percent: 43, townPercent: 78, communityPercent: 18, care: 1, compound: 3, renamed: 14,
			girls: girls, boys: boys,
			mothers: given(e.carersF, moreMothers, girlParts), fathers: given(e.carersM, moreFathers, boyParts),
			surnames: surname(e.families, moreFamilies, familyParts, 12, 0.92)},
		{name: "french", english: 8, percent: 9, townPercent: 10, communityPercent: 70, care: 1.25, compound: 14, renamed: 11, french: true,
			girls: given(f.girls, "Émilie Léonie Maëva Maélie Alicia Florie Sara Léna Inès Romane Clémence Victoria Annabelle Eva Mila Jade Olivia",
				parts{"Aur Cor Cél Dan Gis Hen Jos Lor Lis Mad Mar Mich Nad Od Pasc Reb Ros Sol Syl Véron Yol Gen Éli Flor Val",
					"ine ette elle aline ie ianne ane iane ise line éa ika anne oline"}),
			boys: given(f.boys, "Édouard Nolan Thomas Jacob William Logan Liam Noah Adam Elliott Léon Ludovic Mathieu Renaud Damien",
				parts{"Aur Bas Cyr Dam Dor Ger Gil Luc Mar Math Norm Oct Pasc Rén Rom Sylv Ther Ulr Val Vic Fabr Rog",
					"ien ain ice ic ald ard in el and éo ent aud ier é"}),
			mothers: given(f.carersF, "Lise Diane Louise Hélène Suzanne Monique Micheline Ginette Sophie Marie", girlParts),
			fathers: given(f.carersM, "Claude Robert Jacques Réjean Raymond Jean Roger Louis Richard", boyParts),
			surnames: surname(f.families, "Gervais Lauzon Brunet Rivard Labelle Charron Larocque Lacroix Trudel Richer Clément Ménard Carrière Racine",
				parts{"Beau La Le Mont Bon Char Dé Des Du Gar Ger Gi Gou Gué Per Pi Pré Rin Rou Saint- Théo Val Ver Bel Bou Bri Cour Dau Fau",
					"champ croix fleur mieux rivière montagne neau deau rard bert chard gnon leau rand rin vert ville pré tel zon bault quin ron sier tin"}, 6, 1)},
		{name: "punjabi", english: 12, percent: 7, townPercent: 1, communityPercent: 55, care: 1.25, compound: 1, renamed: 12, middleGirl: "Kaur", middleBoy: "Singh", isTransliterated: true,
			girls: given(nil, "Simran Jasleen Navneet Prabhjot Harleen Gurleen Jasmine Mehar Avneet Kirat Ravneet Anmol Ekam Sehaj Khushi Asees Nimrat Manroop",
				parts{"Am An Bal Dil Gur Har In Jag Jas Kir Kul Man Nav Pal Param Prab Raj Ran Sat Simar Sukh Tej", "preet jot leen neet want deep meet veen noor reet roop kiran"}),
			boys: given(nil, "Gurpreet Jaspreet Harjot Arjan Fateh Angad Armaan Jovan Sahib Gurnoor Ekam Veer Kabir Harman Manveer Jaskaran Amrit Avi",
				parts{"Am An Bal Dil Gur Har In Jag Jas Kir Kul Man Nav Pal Param Prab Raj Ran Sat Simar Sukh Tej", "preet jot vir deep meet want inder pal bir jit raj dev tej karan"}),
			mothers: given(nil, "Harpreet Manpreet Jaswinder Kiran Amandeep Rajwinder Sandeep Kamaljit Baljit Paramjit Sukhwinder Gurpreet",
				parts{"Am Bal Dal Gur Har Jag Jas Kam Kul Man Nav Par Raj Sat Suk", "preet jit winder deep want meet inder"}),
			fathers: given(nil, "Amandeep Gurdeep Harjit Manjit Jaswinder Balwinder Sukhdev Parminder Kuldeep Ranjit Satnam",
				parts{"Am Bal Dal Gur Har Jag Jas Kam Kul Man Nav Par Raj Sat Suk", "preet jit winder deep dev meet inder"}),
			surnames: surname(nil, "Singh Kaur Gill Dhaliwal Sidhu Grewal Sandhu Brar Dhillon Bajwa Mann Virk Saini Randhawa Bains Sohal Toor",
				parts{"Ahl Bad Bass Bhar Chan Cheem Deo Gar Her Jass Kahl Khak Lall Mang Naj Pann Pur Ran Sagg Sek Tiw Uppal Hund Kal Jaw", "a al wal ar eja hu on ra ana at i ota"}, 1.2, 1.15)},
		{name: "south asian", english: 12, percent: 10, townPercent: 2, communityPercent: 45, care: 1.25, compound: 2, renamed: 12, isTransliterated: true,
			girls: given(s.girls, "Fatimah Aaliyah Hafsa Safa Inaya Ayesha Eshal Minahil Riya Saanvi Aadhya Nisha Pari Myra Kiara Sara Aria Nithya Abinaya Thara",
				parts{"Aa An Dee Far Han Ish Jan Kal Lak Lub Mah Mee Nab Nil Pra Rad Rim Ruk Sam San Shaz Sid Sum Tah Um Var Yas Zar", "na ra sha ya ika ima iya een eha shri lini thi jali isha ini al"}),
			boys: given(s.boys, "Muhammad Mohammed Mohammad Abdullah Omar Ahmad Mustafa Ibrahim Aryan Advik Reyansh Ishaan Krish Dhruv Neel Veer Sai Ashwin Kavin",
				parts{"Aad Ab Am An Ash Daw Fa Hamm Har Im Jam Kam Kar Luq Man Nav Om Pran Raf Rah Raj Sam Shah Sul Tal Um Var Yas Zah", "ad an ar av esh id il im in ir ish it mad ul wan yan een"}),
			mothers: given(s.carersF, "Ayesha Samina Shazia Priya Anita Meena Sangeeta Lakshmi Uma Nirmala Rabia Asma Farzana", parts{"Aa An Dee Far Kal Lak Mah Mee Nab Pra Rad Sam San Shaz Sum Tah", "na ra sha ya ika ima iya een eha shri"}),
			fathers: given(s.carersM, "Muhammad Mohammed Abdul Ravi Ramesh Mukesh Ashok Arun Siva Kumar Nasir Khalid", parts{"Aad Am Ash Fa Har Im Jam Kam Raf Raj Sam Shah Sul Tal Um Zah", "ad an ar esh id il in ir ish it"}),
			surnames: surname(nil, "Patel Khan Ahmed Sharma Shah Ali Malik Hussain Qureshi Iyer Bhatti Chaudhry Rahman Mirza Desai Nair Reddy Verma Kapoor Mehta Akhtar Siddiqui Butt Sheikh Joshi Rao Menon Gupta Kumar Islam Hossain Begum Das Perera Fernando Sivakumar",
				parts{"Aggar Ban Bas Bhatt Chakra Chand Dutt Gan Gho Hash Jay Kand Krish Kul Mah Mukh Nat Par Pill Raj Ram Sar Sen Shan Sub Thak Thir Vel Vish Yog",
					"wal erjee karni nathan raj ramaniam esan ur a ani kumar lingam mi nan singhe waran sekar adi"}, 2, 1.1)},
		{name: "chinese", english: 45, percent: 8, townPercent: 1, communityPercent: 50, care: 1.2, compound: 0, renamed: 8, isTransliterated: true,
			girls: given(z.girls, "Chloe Michelle Vivian Jessica Tiffany Joyce Elaine Hannah Amy Cindy Jenny Olivia",
				parts{"Ai An Bai Chun Dan Fang Hui Jia Jie Lan Li Ling Mei Min Na Pei Qi Qing Ruo Shu Si Ting Wan Wen Xiao Xin Ya Yan Yi Ying Yu Zi", "an chen fei han hua jing ling mei ning qi tong wen xi xuan yan yao ying yue"}),
			boys: given(z.boys, "Jason Eric Ryan Justin Andrew Vincent Alan Raymond Jonathan Henry",
				parts{"Bo Chang Cheng Da De Fei Guo Hao Hong Jia Jian Jin Jun Kai Lei Liang Ming Peng Qi Rui Shao Tian Wei Wen Xiang Xu Yang Yi Yong Yu Ze Zhi", "bo chao dong feng hai hao heng jie jun kai lin long ming peng qiang rui tao wei xuan yang yu"}),
			mothers:  given(z.carersF, "Mei Lily Helen Jenny Amy Cindy", parts{"Ai Chun Dan Fang Hui Jia Lan Li Mei Pei Qing Shu Ting Wen Xiao Xin Ya Yu", "fang hong hua juan lan ling mei ping qin yan ying yun zhen"}),
			fathers:  given(z.carersM, "David Peter Kevin Tony Simon", parts{"Bo Chang Da De Guo Hong Jian Jin Jun Liang Ming Qi Shao Wei Xiang Yong Zhi", "bo dong feng gang hai hui jun liang lin min ming ping qiang sheng wei"}),
			surnames: surname(z.families, "Li Wang Chan Wong Lee Leung Lam Cheung Ng Ho Lau Yip Kwok Tse Chow Yu Fung Mak", parts{"Ba Bei Cai Cen Dai Dong Fan Fu Gu Han Hou Jia Jin Kong Lei Lu Meng Ning Pan Qin Ren Shi Tan Wei Xia Yan Ye Yin Zeng Zhong", "_ n ng o u"}, 3, 1.05)},
		{name: "indigenous", english: 50, percent: 5, townPercent: 6, communityPercent: 75, care: 1.5, compound: 2, renamed: 29,
			girls:   given(n.girls, "Serenity Trinity Harmony Faith Summer Rain Journey Honour Alexis Brianna Tianna Kateri Memengwaa Binesi", parts{"Aan Bii Chey Dak Giiz Kai Ki Maan Mem Mii Naom Nii Om Shy Si Taa Waab Wii Zhaa", "anna a ikwe ina iyah koonz mi na nokwe onna sha zhi"}),
			boys:    given(n.boys, "Darius Tristan Storm Phoenix Keegan Brayden Chase Dallas Skyler Kohen Aandeg Mukwa", parts{"Aan Bid Chey Dak Giiz Ker Ki Maan Mii Nii Nod Om Ray Shaw Si Taa Waab Wii Zhaa", "aban an dis een gun ik in koda n on os yn"}),
			mothers: given(n.carersF, "Crystal Tammy Michelle Tracy Amanda Ashley Samantha Kimberly", girlParts), fathers: given(n.carersM, "Jason Derek Darryl Randy Terry Jordan Cody Tyler", boyParts),
			surnames: surname(n.families, "Loonfeather Strongwater Longhill Sugarbush", parts{"Blue Bright Cloud Deer Eagle Fire Grey High Loon Moose Night North Otter Pine Quiet Red River Snow Still Stone Sun Swift Tall White Wolf", "bear bird creek feather hawk heart lake moon point river rock sky stone trail water wind"}, 16, 0.95)},
		{name: "newcomer", english: 14, percent: 9, townPercent: 1, communityPercent: 40, care: 1.6, compound: 12, renamed: 30, isTransliterated: true,
			girls: given(a.girls, "Mariama Fatou Aminata Lina Jana Malak Sidra Rahaf Hala Ruba Solomiya Anastasiia Zlata Luna Antonella Luciana Renata Adaeze Zainabu Makeda Bethlehem Hiba",
				parts{"Ab Ad Am Bet Chi Dal Far Had Ife Kal Lu Mar Naj Nay Olu Ram Ros San Sel Sol Tam Wal Yas Zeyn", "a aa ana eh ela ia ika iha ina isa iya ola ora wen"}),
			boys: given(a.boys, "Mohamed Mohammed Ahmed Ali Mahmoud Anas Zaid Yahya Saif Nazar Artem Danylo Thiago Matías Emiliano Chukwu Kwame Tesfaye Yonas Liban Guled",
				parts{"Ab Ad Am Bas Chi Dan Far Had Jam Kas Lam Mah Naj Olu Rash San Sul Tar Wal Yar Zak", "a ad am ane bir dir el em en hi im in ir ke mi o un ur"}),
			mothers: given(a.carersF, "Fatima Maria Mariam Aisha Zainab Natalia Olga", parts{"Ab Am Bet Dal Far Had Kal Mar Naj Ram Ros Sel Sol Tam Yas", "a ana eh ia ika ina isa iya ora"}),
			fathers: given(a.carersM, "Mohamed Ali Hassan Omar José Juan Ivan Samuel", parts{"Ab Am Bas Dan Far Had Jam Kas Mah Rash San Sul Tar Zak", "a ad am el em im in ir o ur"}),
			surnames: surname(a.families, "Mohamed Hassan Ali Ahmed Hussein Yusuf Omar Abdullahi Hernández López González Pérez Ramírez Al-Masri Al-Hariri",
				parts{"Abdel Al- Ade Ama Ber Boz Cas Chuk Das Ezen Fon Gar Had Ibar Jara Kar Kost Maz Mor Nwa Ola Osa Pet Riv Sal Shev Teh Tka Vas Zel",
					"wa bari ola chenko dez era hi i in kumo man nik oud ra rahman reh sen uk uka was yemi zar"}, 4, 1.02)},
		{name: "european", percent: 6, townPercent: 1, communityPercent: 20, care: 1, compound: 3, renamed: 11,
			girls: girls, boys: boys,
			mothers: given(e.carersF, "Maria Anna Teresa Rosa Lucia Joanna Katarzyna Elena Daniela", girlParts), fathers: given(e.carersM, "Marco Antonio Giuseppe Piotr Tomasz Stefan Nick", boyParts),
			surnames: surname(nil, "Rossi Ferreira Oliveira Sousa Kowalski Nowak DeLuca Russo Bianchi Romano Ricci Marino Greco Conte Papadopoulos Schmidt Müller Weber Klein Janssen De-Vries Van-Dyk Popov Horvat",
				parts{"Al Bar Ber Bor Cap Car Dom Esp Fab Gal Gri Jan Kos Kra Lom Mal Mar Mor Nov Pal Pas Pet Ros San Sch Tor Val Vit Wis Zan", "ano ato cki ek elli enko er ese ini ino itz man mann opoulos os ovic ski sma stra ta tti"}, 6, 0.9)},
		{name: "southeast asian", english: 45, percent: 3, townPercent: 0, communityPercent: 25, care: 1.25, compound: 2, renamed: 10, isTransliterated: true,
			girls:   given(nil, "Anh Linh Mai Thao Vy Kim Trang Angel Althea Princess Jasmine Bea Mae Kyla Chloe Hannah Angelica", parts{"An Bao Bi Chau Dan Ha Hoa Jo Kha Lan Ly Ma My Ngoc Phuong Quyen Thi Tu Xuan Yen", "anh belle chi dan lyn mae ly my ngoc nhi rie thy vy"}),
			boys:    given(nil, "Minh Khoa Anh Duc Huy Nam Phong Bao Ethan Jayden Joshua Gabriel John Kyle Angelo Justin", parts{"An Bao Chi Dang Gia Hai Ho Jo Khai Ly Ma Ngoc Phu Quan Tan Thanh Tri Tu Van Xuan", "anh duc khoa lan long mar minh nam nel phat son thinh vin"}),
			mothers: given(nil, "Lan Thuy Huong Maricel Rowena Jocelyn Analyn Cristina Mai Hoa", girlParts), fathers: given(nil, "Tuan Hung Dung Rodel Ramon Rommel Jun Ricardo Long Hai", boyParts),
			surnames: surname(nil, "Nguyen Tran Le Pham Huynh Hoang Vu Santos Reyes Cruz Bautista Dela-Cruz Garcia Mendoza Ramos Aquino", parts{"Ban Cas Dang Do Duong Eva Fer Lu Mac Man Mer Pan Qui Ro Sal Sor Ta Tor Vil", "cado g garcia ista lacsa lang lo na nandez ng os ra riano rre to zon"}, 0.6, 1.2)},
	}
}

const (
	// The commonest names have near relatives that other children bear.
	nearGirls = "Olivia Emma Emily Sophia Sofia Sophie Mia Mila Maya Mya Isabella Isabelle Isabel Madison Madelyn Madeline Abigail Ava Eva Eve Chloe Khloe Ella Ellie Elle Aria Ariana Arianna Ariel " +
		"Hannah Hanna Hailey Haley Hayley Lily Lilly Lillian Liliana Anna Annabelle Amelia Amelie Emilia Julia Juliana Julianna Zoe Zoey Leah Lea Lia Sarah Sara Aaliyah Aliyah Brianna Briana Breanna " +
		"Kaitlyn Katelyn Caitlyn Alexa Alexis Alexandra Alexandria Gabrielle Gabriella Natalie Natalia Eliana Elena Elizabeth Eliza Victoria Makayla Mikayla Michaela Charlotte Kayla Kaylee Kylie Keira Kiera Elise Elisa"
	nearBoys = "Liam Noah Ethan Jacob Jakob Lucas Lukas Luca Luka Luke Benjamin Jayden Jaden Jaiden Aiden Ayden Aidan Kayden Kaden Caden Brayden Braden Braeden Nathan Nathaniel Nathanael Jack Jackson Jaxon Jaxson " +
		"Matthew Mathew Gabriel Daniel Nicholas Nicolas Alexander Alex Alexandre William Owen Logan Michael Connor Conner Conor Christian Christopher Carter Carson Evan Ethen Eric Erik Isaac Isaak Julian Julien " +
		"Samuel Sam Ryan Rylan Ryder Mason Max Maxwell Maximus Dominic Dominick Hudson Hunter Elijah Eli Elias Joshua Josiah Joseph Jordan Adam Aaron Oliver Olivier Leo Leon Leonardo Caleb Kaleb Zachary Zackary Sean Shawn Dylan Dillon"
	moreGirls = "Emily Avery Victoria Leah Addison Brianna Lauren Rachel Julia Taylor Jessica Sarah Nicole Megan Mackenzie Kayla Jasmine Alexandra Hailey Aubrey " +
		"Peyton Riley Savannah Gabriella Natalie Penelope Layla Aaliyah Vanessa Faith Summer Autumn Morgan Sydney Kaitlyn Kylie Jenna Haley Brooke Rebecca Nevaeh Eva " +
		"Ellie Freya Mila Luna Emilia Josephine Eleanor Adeline Juliana Valentina Athena Aurora Bella Caroline Daisy Elise Felicity Genevieve Gemma Holly Imogen Jade Keira " +
		"Lila Mya Melody Nadia Ophelia Phoebe Raegan Sienna Skylar Teagan Trinity Vivian Wren Zara Adalyn Alexa Alexis Alison Amber Andrea Angelina Anna Ariana Bailey Bianca " +
		"Caitlin Cassidy Celeste Chelsea Christina Danielle Delaney Eden Elena Erica Esme Gabrielle Gracie Iris Jacqueline Jayda Jocelyn Jordyn Kate Kendall Lacey Lydia Madelyn " +
		"Makayla Margaret Marissa Mckenna Michaela Miranda Nina Paisley Payton Presley Reagan Reese Rosalie Sabrina Sarah-Jane Selena Serena Shelby Sierra Tatiana Tiana Tori Veronica"
	moreBoys = "Jacob Michael Ryan Joshua Nathaniel Tyler Andrew Anthony Cameron Hunter Kyle Zachary Aiden Jayden Brayden Kayden Cole Adam Aaron Gavin Evan Max Sebastian David " +
		"Ryder Parker Chase Jace Nolan Eli Xavier Easton Landon Bentley Charlie Cooper Tristan Marcus Justin Brandon Eric Sean Robert John Jeremy Kevin Mark Spencer Colin Trevor " +
		"Alex Christian Jonathan Richard Bryson Callum Carson Damian Darius Edward Elliot Ezra Finley Finn Frederick George Graham Harrison Harry Hayden Jake Jaxon Jonah Jude Kaiden " +
		"Kai Kaleb Kingston Lachlan Leon Malcolm Malachi Marcus Maverick Micah Mitchell Nash Nico Oscar Patrick Paul Peter Phoenix Quentin Reid Rhys River Roman Rowan Rylan Sawyer " +
		"Silas Simon Steven Tanner Timothy Toby Travis Tucker Victor Vincent Walker Weston Zane Abel August Beau Beckett Blake Bradley Brady Braden Bryce Calvin Clark Dawson Desmond Drew Ellis"
	moreMothers = "Jessica Jennifer Melanie Tanya Tammy Susan Patricia Cheryl Deborah Linda Mary Barbara Catherine Cynthia Danielle Samantha Jacqueline Andrea Victoria Emily Rachel Lauren Courtney " +
		"Brittany Kayla Chelsea Jenna Alicia Alexandra Kathleen Margaret Teresa Wendy Krista Kristin Candace Jodi Jillian Bonnie Charlotte"
	moreFathers = "James John William Christopher Joseph Daniel Anthony Justin Brandon Joshua Jonathan Nicholas Timothy Stephen Patrick Gary Kenneth Ronald Donald Edward George Thomas Gregory " +
		"Frank Raymond Dennis Jesse Cory Curtis Dustin Aaron Nathan Zachary Cameron Graham Bruce Glen Roger Philip Victor"
	moreFamilies = "Johnson Jones Davis Lee Martin Thomas Moore Clark Hall Wood Hughes Cox Rice Stone Knight Lynch Doyle Nolan Sweeney Gallagher Byrne Flynn Carroll Connolly Duffy McCann McBride " +
		"McLeod McNeil McPherson McIntyre MacKenzie MacLeod MacPherson MacIntosh Cameron Munro Rankin Nicholson Irwin Hogan Bowen Vaughan Pritchard Rees Tucker Bond Weaver Potter Wheeler Archer Sawyer " +
		"Chandler Draper Thatcher Mercer Tanner Skinner Hooper Carver Glover Hewitt Barlow Holt Frost Snow Winter Day Noble Savage Sharp Swift Wise Best Bright Savoy Short Small Large Strong Goodman"
)

// Parts of names that are heard in Ontario's schools, whatever the origin.
var (
	girlParts = parts{"Ab Ad Ail Al Am An Ar As Av Bail Bel Brae Bri Cal Cam Car Cas Cel Chan Dan Dar Del Em Er Ev Gab Gal Han Is Jay Jas Jo Kae Kel Ken Ki Kris La Lar Le Lil Lor Mac Mar Mel Mi Mon Na Nat Ol Pey Ra Re Ros Ry Sa Shay Shel Ta Ty Va Wil Za",
		"a ina elle lyn lynn leigh ley issa ia anna etta ora isha ene ine een ise elia ani otte ara ette illa yssa ika inda"}
	boyParts = parts{"Ab Ad Al Am An Ar Ash Bar Ben Bra Bren Bro Cal Cam Car Cas Chan Col Con Dal Dan Dar Del Der Don Ed El Em Er Gar Gra Har Hen Jam Jar Jas Jer Jo Kar Kel Ken Ki Lan Lar Len Lin Lo Mar Mer Mi Mor Nor Ol Par Ran Ray Rob Ron Ross Sam Shel Sher Stan Ter Tor Ty Var Wal Wil Zan",
		"on an er en ton son ley win den rick ard io el iah ett us y ace ford mond ven vin ald dan tin is"}
	familyParts = parts{"Ash Ather Barn Beck Bent Birch Black Brad Bram Bran Brom Brook Burn Carl Chat Chester Clay Cliff Cole Cran Crow Dal Den Dray East Eg Elm Fair Far Fen Field Fox Gar Gil Glen Gold Gran Ham Hart Hath Haw Hay Heath Hol Hul Kirk Lang Lin Lock Long Lud Mans Mar Mel Mid Mil Nor Oak Old Pem Pres Rad Raven Red Rock Row Rush San Shel Sher Stan Stock Sut Thorn Tun Wake Wal Ward Wes Whit Win Wood Wor Yar",
		"bourne brook bury by cliffe combe cott croft dale den don field ford gate ham hill holm hurst land ley man mere more ridge shaw stead stock ston stone ton wald ward way well wick wood worth"}
)

// placeParts and streetParts name towns and streets of the province.
var (
	placeParts  = parts{"Alder Amber Birch Black Bridge Cedar Clear Copper Crow Deer Eagle Elm Fair Glen Granite Harbour Hazel Iron Lake Maple Mill North Oak Pine Quarry Red Rock Silver Stone Sturgeon", "borough brook bury dale field ford haven hurst mont port ton view ville wood worth"}
	streetParts = "Adelaide Albert Alder Alma Argyle Ash Balsam Bay Beech Bridge Broad Brock Bruce Cameron Campbell Centre Chestnut Clarence Colborne Cross Dundas Durham East Edward Forest Front George Glen " +
		"Grove Hickory Hill Huron James John Juniper King Lake Linden Lorne Maple Market Mill Nelson North Oak Park Peel Pine Poplar Prospect Queen Regent Ridge River Russell Simcoe Spruce Station Sunset Talbot Union Valley Victoria Water Wellington West William Willow York"
	streetKinds = "St Ave Rd Cres Dr Blvd Lane Crt"
)

// shortForms are what a child is called, beside the demo's nicknames.
func shortForms() map[string][]string {
	out := map[string][]string{}
	for full, short := range nicknames() {
		out[full] = append(out[full], short)
	}
	for _, line := range strings.Split(moreShortForms, ",") {
		w := words(line)
		out[w[0]] = append(out[w[0]], w[1:]...)
	}
	for name, short := range out {
		slices.Sort(short)
		out[name] = slices.Compact(short)
	}
	return out
}

const moreShortForms = "Katherine Kate Kathy,Elizabeth Beth Lizzy Eliza,Isabelle Izzy,Alexandra Alex Lexi,Victoria Vicky Tori,Gabriella Gabby Ella,Natalie Nat,Penelope Penny,Savannah Anna," +
	"Rebecca Becca Becky,Jessica Jess Jessie,Margaret Maggie Meg,Josephine Josie,Eleanor Ellie Nora,Madelyn Maddy,Mackenzie Kenzie,Makayla Kayla,Jacqueline Jackie,Danielle Dani," +
	"Christina Tina Chrissy,Sarah Sadie,Emily Em Emmy,Emma Em,Abigail Gail,Amelia Millie,Angelina Angie Lina,Caroline Carrie,Juliana Julie,Rosalie Rosie,Valentina Val," +
	"William Will Bill Billy,Benjamin Benny,Alexander Xander Sasha,Matthew Matty,Christopher Topher,Joseph Joey,Daniel Danny,Nicholas Nico,Samuel Sammy,Thomas Tommy," +
	"Michael Mike Mikey,Joshua Josh,Nathaniel Nate Nathan,Andrew Andy Drew,Anthony Tony,Zachary Zach Zack,Jonathan Jon Johnny,Robert Rob Bobby,Edward Eddie Ted,Theodore Theo Teddy," +
	"Jacob Jake,James Jamie Jim,Jackson Jax,Frederick Fred,Harrison Harry,Timothy Tim,Steven Steve,Patrick Pat Paddy,Vincent Vince,Charlie Chuck,Maxime Maxim,Sebastian Seb,Cameron Cam," +
	"Raphaël Raph,François Frank,Philippe Phil,Frédéric Fred,Gabriel Gabe,Émilie Mimi,Élodie Lodie,Geneviève Ginette,Juliette Juju,Charlotte Lotte,Antoine Tony,Marie-Ève Marie,Anne-Sophie Anne," +
	"Muhammad Mohammad Mohd,Mohammed Mo Mohamed,Mohamed Mo Mohammed,Abdullah Abdul,Ibrahim Ibi,Mustafa Mus,Fatima Fati,Fatimah Fatima,Zainab Zainy,Gurpreet Gary Preet,Harpreet Harry,Jaspreet Jas Jassi,Prabhjot Prab," +
	"Simran Simmi,Navneet Nav,Haoran Harry,Yichen Ethan,Xinyi Cindy,Yuxin Lucy,Zihan Jack,Junjie Jerry,Migizi Mig,Animikii Mikey,Waabigwan Waabi,Oleksandr Sasha,Santiago Santi,Alejandro Alex"

// sounds are pairs of letters that people hear alike.
func sounds() [][2]string {
	return [][2]string{{"ai", "ay"}, {"lyn", "lynn"}, {"ph", "f"}, {"ie", "y"}, {"ck", "k"}, {"th", "t"}, {"ee", "i"}, {"ou", "u"}, {"oo", "u"}, {"kh", "k"},
		{"aa", "a"}, {"dh", "d"}, {"sh", "sch"}, {"ey", "ie"}, {"cc", "c"}, {"nn", "n"}, {"ll", "l"}, {"tt", "t"}, {"mm", "m"}, {"ss", "s"}, {"ei", "ie"}, {"ae", "e"},
		{"eau", "o"}, {"é", "ée"}, {"qu", "k"}, {"x", "ks"}, {"z", "s"}, {"c", "k"}, {"y", "i"}, {"v", "w"}, {"en", "an"}, {"er", "ar"}, {"on", "en"}, {"a", "ah"}, {"i", "ee"}}
}

// respelt writes a name as somebody hears it; turn picks among the ways there are. The first letter
// stays, as it mostly does.
func respelt(name string, turn int) string {
	var ways []string
	for _, s := range soundPairs {
		for _, swap := range [2][2]string{{s[0], s[1]}, {s[1], s[0]}} {
			if swap == [2]string{"o", "eau"} || swap == [2]string{"k", "qu"} || swap == [2]string{"s", "z"} || swap == [2]string{"a", "aa"} {
				continue // nobody hears these
			}
			if at := strings.Index(name[1:], swap[0]); at >= 0 && !strings.Contains(name[1+at:], swap[1]) {
				ways = append(ways, name[:1+at]+swap[1]+name[1+at+len(swap[0]):])
				if len(ways) > turn%4 {
					return ways[len(ways)-1]
				}
			}
		}
	}
	if len(ways) == 0 {
		return name + "e"
	}
	return ways[turn%len(ways)]
}

var soundPairs = sounds()

// rhyming changes how a name begins: Jayden, Kayden. Names that begin with a vowel get a letter more.
func rhyming(c chance, name string) string {
	at := strings.IndexAny(name, "aeiouyAEIOUYéèêëïîôÉ")
	first := pick(c, soundsFirst)
	if at < 0 {
		return first + strings.ToLower(name)
	}
	return first + strings.ToLower(name[at:])
}

var soundsFirst = words("B Br C D F G H J K L M N P R S Sh T V Z")
